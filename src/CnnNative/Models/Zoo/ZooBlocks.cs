// What several networks of the zoo are made of.

namespace CnnNative.Models;

internal static class ZooBlocks
{
    /// <summary>Whether a picture is too small to be shrunk at once.</summary>
    public static bool IsSmall(GraphBuilder b, GraphValue picture) =>
        Math.Min(b.ShapeOf(picture)[0], b.ShapeOf(picture)[1]) < Zoo.SmallPicture;

    /// <summary>A convolution without bias, batch normalisation, and an activation.</summary>
    public static GraphValue ConvNorm(
        GraphBuilder b, GraphValue x, int filters, int kernel, int stride, int padding, Activation activation = default,
        int groups = 1) =>
        b.BatchNorm(b.Conv2d(x, filters, kernel, padding, stride, groups: groups, bias: false), activation: activation);
}
