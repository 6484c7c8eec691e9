// Wrong shapes and options: each is refused before anything runs, by a sentence with what was found and what was expected.

namespace CnnNative.Tests.Operators;

public sealed class OperatorMisuseTests
{
    public static TheoryData<string, Func<Tensor>> Mistakes
    {
        get
        {
            Tensor image = Tensor.Zeros((1, 8, 8, 4)), matrix = Tensor.Zeros((2, 5));
            Tensor weights = Tensor.Zeros((6, 3, 3, 4)), bias = Tensor.Zeros(6);
            return new()
            {
                { "input is 2x5, expected four dimensions", () => Cnn.Conv2d(matrix, weights) },
                { "weights are 2x5, expected four dimensions", () => Cnn.Conv2d(image, matrix) },
                { "input has 4 channels in 2 groups, weights expect 4", () => Cnn.Conv2d(image, weights, groups: 2) },
                { "3 groups do not divide 4 input and 6 output channels", () => Cnn.Conv2d(image, weights, groups: 3) },
                { "0 groups", () => Cnn.Conv2d(image, weights, groups: 0) },
                { "bias is 2x5, expected 6", () => Cnn.Conv2d(image, weights, matrix) },
                { "stride height is 0, expected at least 1", () => Cnn.Conv2d(image, weights, stride: (0, 1)) },
                { "stride width is -2", () => Cnn.Conv2d(image, weights, stride: (1, -2)) },
                { "dilation height is 0", () => Cnn.Conv2d(image, weights, dilation: 0) },
                { "covers 9 elements of the height (3 with dilation 4), but the padded input has only 8", () => Cnn.Conv2d(image, weights, dilation: 4) },
                { "padding of the height is -1 and -1", () => Cnn.Conv2d(image, weights, padding: -1) },
                { "padding of the width is 0 and -3", () => Cnn.Conv2d(image, weights, padding: Padding.Explicit(0, 0, 0, -3)) },
                { "window width is 0", () => Cnn.MaxPool2d(image, (1, 0), stride: 1) },
                { "MaxPool2d: the window covers 9", () => Cnn.MaxPool2d(image, 9) },
                { "AveragePool2d: padding of the height is 2 and 2, expected less than the 2", () => Cnn.AveragePool2d(image, 2, padding: 2) },
                { "GlobalAveragePool: input is 2x5", () => Cnn.GlobalAveragePool(matrix) },
                { "input has 5 features, weights are 6", () => Cnn.Linear(matrix, bias) },
                { "input has 256 features, weights are 2x5", () => Cnn.Linear(image, matrix) },
                { "bias is 1x8x8x4, expected 2", () => Cnn.Linear(matrix, matrix, image) },
                { "left is 2x5, right is 6", () => Cnn.Add(matrix, bias) },
                { "no tensors were given", () => Cnn.Concat([]) },
                { "axis is 4, expected -4 to 3", () => Cnn.Concat([image], axis: 4) },
                { "tensor 1 is 2x5, tensor 0 is 1x8x8x4", () => Cnn.Concat(image, matrix) },
                { "kind is 99", () => Cnn.Activate(image, new Activation((ActivationKind)99)) },
                { "8 weights were given for a size of 3x3", () => Cnn.Conv2d(image, new Kernel2d("short", 3, new float[8])) },
            };
        }
    }

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_refused_with_its_numbers(string expected, Func<Tensor> mistake)
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(mistake);

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
}
