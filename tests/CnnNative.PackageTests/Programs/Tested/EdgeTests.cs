// A test of somebody's own code, which uses CnnNative.
using CnnNative;
using Xunit;

public sealed class EdgeTests
{
    [Fact]
    public void A_flat_picture_has_no_edges()
    {
        float[] pixels = new float[16];
        using Tensor picture = Tensor.FromSpan(pixels, (1, 4, 4, 1));
        using Tensor edges = Cnn.Conv2d(picture, Kernels2d.Laplacian, padding: Padding.Same);

        Assert.All(edges.ToArray(), value => Assert.Equal(0, value));
        Assert.Null(NativeLibraryInfo.Query().Problem);
    }
}
