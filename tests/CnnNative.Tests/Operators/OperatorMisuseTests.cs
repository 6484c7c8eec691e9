// Wrong shapes and options: each is refused before anything runs, by a sentence with what was found and what was expected.

namespace CnnNative.Tests.Operators;

public sealed class OperatorMisuseTests
{
    public static TheoryData<string, Func<Operands, Tensor>> Mistakes => new()
    {
        { "input is 2x5, expected four dimensions", x => Cnn.Conv2d(x.Matrix, x.Weights) },
        { "weights are 2x5, expected four dimensions", x => Cnn.Conv2d(x.Image, x.Matrix) },
        { "input has 4 channels in 2 groups, weights expect 4", x => Cnn.Conv2d(x.Image, x.Weights, groups: 2) },
        { "3 groups do not divide 4 input and 6 output channels", x => Cnn.Conv2d(x.Image, x.Weights, groups: 3) },
        { "0 groups", x => Cnn.Conv2d(x.Image, x.Weights, groups: 0) },
        { "bias is 2x5, expected 6", x => Cnn.Conv2d(x.Image, x.Weights, x.Matrix) },
        { "stride height is 0, expected at least 1", x => Cnn.Conv2d(x.Image, x.Weights, stride: (0, 1)) },
        { "stride width is -2", x => Cnn.Conv2d(x.Image, x.Weights, stride: (1, -2)) },
        { "dilation height is 0", x => Cnn.Conv2d(x.Image, x.Weights, dilation: 0) },
        { "covers 9 elements of the height (3 with dilation 4), but the padded input has only 8", x => Cnn.Conv2d(x.Image, x.Weights, dilation: 4) },
        { "padding of the height is -1 and -1", x => Cnn.Conv2d(x.Image, x.Weights, padding: -1) },
        { "padding of the width is 0 and -3", x => Cnn.Conv2d(x.Image, x.Weights, padding: Padding.Explicit(0, 0, 0, -3)) },
        { "window width is 0", x => Cnn.MaxPool2d(x.Image, (1, 0), stride: 1) },
        { "MaxPool2d: the window covers 9", x => Cnn.MaxPool2d(x.Image, 9) },
        { "AveragePool2d: padding of the height is 2 and 2, expected less than the 2", x => Cnn.AveragePool2d(x.Image, 2, padding: 2) },
        { "GlobalAveragePool: input is 2x5", x => Cnn.GlobalAveragePool(x.Matrix) },
        { "input has 5 features, weights are 6", x => Cnn.Linear(x.Matrix, x.Bias) },
        { "input has 256 features, weights are 2x5", x => Cnn.Linear(x.Image, x.Matrix) },
        { "bias is 1x8x8x4, expected 2", x => Cnn.Linear(x.Matrix, x.Matrix, x.Image) },
        { "left is 2x5, right is 6", x => Cnn.Add(x.Matrix, x.Bias) },
        { "no tensors were given", x => Cnn.Concat([]) },
        { "axis is 4, expected -4 to 3", x => Cnn.Concat([x.Image], axis: 4) },
        { "tensor 1 is 2x5, tensor 0 is 1x8x8x4", x => Cnn.Concat(x.Image, x.Matrix) },
        { "kind is 99", x => Cnn.Activate(x.Image, new Activation((ActivationKind)99)) },
        { "8 weights were given for a size of 3x3", x => Cnn.Conv2d(x.Image, new Kernel2d("short", 3, new float[8])) },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_refused_with_its_numbers(string expected, Func<Operands, Tensor> mistake)
    {
        using Operands operands = new();

        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => mistake(operands));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_tensor_is_refused()
    {
        Tensor image = Tensor.Zeros((1, 4, 4, 1));
        image.Dispose();

        Assert.Throws<ObjectDisposedException>(() => Cnn.Relu(image));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5000)]
    public void A_number_of_threads_that_cannot_be_is_refused(int threads)
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => new ComputeContext(threads: threads));

        Assert.Contains($"{threads} threads", error.Message, StringComparison.Ordinal);
    }

    public sealed class Operands : IDisposable
    {
        public Tensor Image { get; } = Tensor.Zeros((1, 8, 8, 4));

        public Tensor Matrix { get; } = Tensor.Zeros((2, 5));

        public Tensor Weights { get; } = Tensor.Zeros((6, 3, 3, 4));

        public Tensor Bias { get; } = Tensor.Zeros(6);

        public void Dispose()
        {
            Image.Dispose();
            Matrix.Dispose();
            Weights.Dispose();
            Bias.Dispose();
        }
    }
}
