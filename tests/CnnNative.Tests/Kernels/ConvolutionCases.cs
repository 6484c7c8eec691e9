// The convolutions that plans are tested with: sizes that leave a remainder in every loop, and every option of a window. Beside
// them what both test classes need to run one, and how far results may lie apart.

using CnnNative.Kernels;

namespace CnnNative.Tests.Kernels;

internal static class ConvolutionCases
{
    /// <summary>Relative to the sum of the magnitudes of its terms, a float32 sum of n products in any order is off by at most n
    /// times this (Higham, "Accuracy and Stability of Numerical Algorithms", section 3.1).</summary>
    public const double Roundoff = KernelPair.Epsilon / 2;

    /// <summary>What cnn.h promises of Winograd's algorithm, relative to the largest output.</summary>
    public const double WinogradError = 1e-4;

    private static readonly WindowAxis Single = Geometries.Axis(1, 1, 1, 1, 0, 0);

    /// <summary>Each geometry with a name that says what is special about it.</summary>
    public static readonly (string Name, Conv2dGeometry Geometry)[] All =
    [
        ("one number", new(1, Single, Single, 1, 1, 1)),
        ("a Laplacian", Square(1, 19, 3, 1, 1, groups: 1)),
        ("3x3", Square(2, 13, 3, 5, 7, groups: 1)),
        ("3x3 for Winograd", Square(1, 30, 3, 32, 33, groups: 1)),
        ("1x1", new(2, Geometries.Axis(7, 1, 1, 1, 0, 0), Geometries.Axis(9, 1, 1, 1, 0, 0), 40, 24, 1)),
        ("1x1, stride 2", new(1, Geometries.Axis(9, 1, 2, 1, 0, 0), Geometries.Axis(10, 1, 2, 1, 0, 0), 17, 19, 1)),
        ("7x7, stride 2", new(1, Geometries.Axis(23, 7, 2, 1, 3, 3), Geometries.Axis(22, 7, 2, 1, 3, 2), 3, 16, 1)),
        ("dilated", new(2, Geometries.Axis(15, 3, 1, 2, 2, 2), Geometries.Axis(14, 3, 2, 3, 3, 1), 6, 10, 1)),
        ("uneven padding and a rest that no window sees",
            new(3, Geometries.Axis(11, 2, 3, 1, 0, 1), Geometries.Axis(12, 5, 4, 1, 4, 0), 4, 9, 1)),
        ("a window wider than its input", new(1, Geometries.Axis(2, 5, 1, 1, 4, 3), Geometries.Axis(3, 4, 2, 1, 2, 3), 5, 4, 1)),
        ("groups", new(2, Geometries.Axis(9, 3, 2, 1, 1, 1), Geometries.Axis(8, 3, 1, 1, 1, 0), 12, 20, 4)),
        ("groups of four", Square(2, 17, 3, 20, 20, groups: 5)),
        ("groups of two, stride 2", new(1, Geometries.Axis(9, 3, 2, 1, 1, 0), Geometries.Axis(12, 3, 2, 1, 0, 1), 18, 18, 9)),
        ("one input channel a group", Square(1, 8, 3, 6, 12, groups: 6)),
        ("one output channel a group", Square(1, 8, 3, 12, 6, groups: 6)),
        ("depthwise", Square(2, 14, 3, 35, 35, groups: 35)),
        ("depthwise 5x5, stride 2", new(1, Geometries.Axis(17, 5, 2, 1, 2, 2), Geometries.Axis(16, 5, 2, 1, 1, 2), 8, 8, 8)),
        ("depthwise, dilated", new(1, Geometries.Axis(12, 3, 1, 3, 3, 3), Geometries.Axis(31, 3, 1, 2, 0, 4), 3, 3, 3)),
        ("linear, one row", Conv2dGeometry.Linear(1, 100, 37)),
        ("linear, a batch", Conv2dGeometry.Linear(33, 65, 10)),
    ];

    public static Shape Input(in Conv2dGeometry g) => (g.Batch, g.Vertical.Input, g.Horizontal.Input, g.InputChannels);

    public static Shape Output(in Conv2dGeometry g) => (g.Batch, g.Vertical.Output, g.Horizontal.Output, g.OutputChannels);

    public static Shape Weights(in Conv2dGeometry g) =>
        (g.OutputChannels, g.Vertical.Window, g.Horizontal.Window, g.InputChannels / g.Groups);

    /// <summary>The most products that one output of the convolution, or of its transposed one, is a sum of.</summary>
    public static int Products(in Conv2dGeometry g, bool transposed) =>
        g.Vertical.Window * g.Horizontal.Window * (transposed ? g.OutputChannels : g.InputChannels) / g.Groups;

    public static IConv2dPlan Prepare(
        ComputeContext context,
        in Conv2dGeometry geometry,
        bool transposed,
        Activation activation = default,
        in Conv2dOptions options = default) =>
        transposed
            ? context.Kernels.PrepareConv2dTranspose(in geometry, activation, in options)
            : context.Kernels.PrepareConv2d(in geometry, activation, in options);

    /// <summary>A tensor of the magnitudes of another.</summary>
    public static Tensor Magnitudes(Tensor tensor) => Tensor.FromSpan(Array.ConvertAll(tensor.ToArray(), Math.Abs), tensor.Shape);

    /// <summary>|actual - expected| is at most <paramref name="absolute"/> + <paramref name="relative"/> times the magnitude of
    /// the terms that make up the element. Where NaN is expected, NaN must be.</summary>
    public static void AreClose(
        Tensor expected, Tensor actual, Tensor magnitudes, double relative, double absolute, string what)
    {
        float[] left = actual.ToArray(), right = expected.ToArray(), terms = magnitudes.ToArray();
        Assert.Equal(right.Length, left.Length);
        for (int i = 0; i < left.Length; i++)
        {
            bool near = Math.Abs((double)left[i] - right[i]) <= absolute + relative * terms[i];
            Assert.True(left[i].Equals(right[i]) || near, $"{what}: element {i} is {left[i]:R}, expected {right[i]:R}.");
        }
    }

    private static Conv2dGeometry Square(int batch, int size, int window, int inputs, int outputs, int groups)
    {
        WindowAxis axis = Geometries.Axis(size, window, stride: 1, dilation: 1, before: window / 2, after: window / 2);
        return new Conv2dGeometry(batch, axis, axis, inputs, outputs, groups);
    }
}
