// Pooling with its positions, its gradients and its adaptive windows: native against managed kernels over every option, and
// managed gradients against differences of the managed functions.

using System.Runtime.InteropServices;
using CnnNative.Kernels;

namespace CnnNative.Tests.Kernels;

public sealed class PoolingKernelTests
{
    public static TheoryData<InstructionSet, int> Contexts => KernelPair.Contexts;

    /// <summary>Windows of every option, on channels below, at and above the length of vectors.</summary>
    private static readonly Pool2dGeometry[] Windows =
    [
        Window(1, (6, 6), (2, 2), (2, 2), 1, 0, 0, channels: 1),
        Window(2, (7, 9), (3, 3), (2, 2), 1, 1, 1, channels: 3),
        Window(1, (9, 7), (3, 2), (2, 1), 2, 2, 1, channels: 17),
        Window(3, (8, 8), (3, 3), (2, 2), 1, 1, 1, channels: 16, ceilMode: true),
        Window(1, (11, 10), (3, 3), (3, 2), 1, 0, 0, channels: 5, ceilMode: true),
        Window(1, (11, 10), (4, 3), (3, 4), 1, 2, 1, channels: 37, ceilMode: true, countIncludePad: true),
        Window(2, (5, 6), (3, 3), (1, 1), 1, 1, 2, channels: 4, countIncludePad: true),
        Window(9, (5, 5), (5, 5), (1, 1), 1, 2, 2, channels: 33),
        Window(1, (4, 40), (1, 1), (2, 3), 1, 0, 0, channels: 2),
        Window(1, (13, 12), (7, 7), (1, 2), 1, 3, 3, channels: 8),

        // Taps at -2 and 1 of a single row: windows that hold no element.
        new(
            1, Geometries.Axis(1, 2, 1, 3, 2, 1), Geometries.Axis(5, 2, 1, 1, 0, 1), Channels: 19, CeilMode: false,
            CountIncludePad: false),
    ];

    private static readonly AdaptivePool2dGeometry[] AdaptiveWindows =
    [
        new(1, 7, 7, 1, 1, 1), new(2, 7, 5, 3, 3, 2), new(1, 8, 8, 17, 4, 4), new(3, 5, 6, 16, 7, 6), new(1, 2, 3, 37, 5, 9),
        new(9, 13, 11, 4, 6, 5), new(1, 40, 33, 2, 7, 7),
    ];

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Windows_and_their_gradients_agree(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        foreach (Pool2dGeometry geometry in Windows)
        {
            Shape input = (geometry.Batch, geometry.Vertical.Input, geometry.Horizontal.Input, geometry.Channels);
            Shape output = (geometry.Batch, geometry.Vertical.Output, geometry.Horizontal.Output, geometry.Channels);
            using PoolResults expected = new(managed.Kernels, input, output, geometry);
            using PoolResults actual = new(native.Kernels, input, output, geometry);
            AreClose(expected, actual, geometry.Vertical.Window * geometry.Horizontal.Window, $"{geometry}");
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Adaptive_windows_and_their_gradients_agree(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        foreach (AdaptivePool2dGeometry geometry in AdaptiveWindows)
        {
            Shape input = (geometry.Batch, geometry.InputHeight, geometry.InputWidth, geometry.Channels);
            Shape output = (geometry.Batch, geometry.OutputHeight, geometry.OutputWidth, geometry.Channels);
            using PoolResults expected = new(managed.Kernels, input, output, geometry);
            using PoolResults actual = new(native.Kernels, input, output, geometry);

            // A window spans at most two more than the quotient of the sizes, and so do the windows that hold a pixel.
            int taps = Math.Max(
                Span(geometry.InputHeight, geometry.OutputHeight) * Span(geometry.InputWidth, geometry.OutputWidth),
                Span(geometry.OutputHeight, geometry.InputHeight) * Span(geometry.OutputWidth, geometry.InputWidth));
            AreClose(expected, actual, taps, $"{geometry}");
        }

        static int Span(int whole, int parts) => whole / parts + 2;
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Global_averages_and_their_gradients_agree(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        foreach (Shape shape in (Shape[])[(1, 1, 1, 1), (2, 7, 7, 3), (1, 14, 14, 64), (5, 3, 9, 17), (1, 60, 50, 2)])
        {
            int pixels = shape[1] * shape[2];
            using Tensor input = KernelPair.Values(shape, 1), upstream = KernelPair.Values((shape[0], 1, 1, shape[^1]), 2);
            using Tensor expected = KernelPair.Unwritten(upstream.Shape), actual = KernelPair.Unwritten(upstream.Shape);
            using Tensor expectedGradient = KernelPair.Unwritten(shape), gradient = KernelPair.Unwritten(shape);
            managed.Kernels.GlobalAveragePool(input, expected);
            native.Kernels.GlobalAveragePool(input, actual);
            managed.Kernels.GlobalAveragePoolBackward(upstream, expectedGradient);
            native.Kernels.GlobalAveragePoolBackward(upstream, gradient);

            // A sum of so many float32 terms below 1 loses at most their number times half an ulp of the partial sums, which
            // the division takes back; the gradient is a product with a rounded quotient.
            KernelPair.AreClose(expected, actual, (pixels / 2 + 1) * KernelPair.Epsilon, KernelPair.Epsilon, $"{shape}");
            KernelPair.AreClose(expectedGradient, gradient, 0, 2 * KernelPair.Epsilon, $"{shape}, gradient");
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Of_equal_maxima_the_first_is_found_and_of_NaN_the_first_before_all(InstructionSet isa, int threads)
    {
        Pool2dGeometry geometry = Window(2, (6, 7), (3, 3), (1, 2), 1, 1, 1, channels: 18);
        Shape output = (2, geometry.Vertical.Output, geometry.Horizontal.Output, 18);
        float[] values = [.. Golden.HashedValues.Create(2 * 6 * 7 * 18, 5).Select(v => MathF.Round(v))];
        for (int i = 0; i < values.Length; i += 23)
            values[i] = float.NaN;
        using Tensor input = Tensor.FromSpan(values, (2, 6, 7, 18));
        using Tensor expected = KernelPair.Unwritten(output), actual = KernelPair.Unwritten(output);
        using Tensor expectedAt = KernelPair.Unwritten(output), actualAt = KernelPair.Unwritten(output);
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        managed.Kernels.MaxPool2dIndexed(geometry, input, expected, expectedAt);
        native.Kernels.MaxPool2dIndexed(geometry, input, actual, actualAt);
        KernelPair.AreClose(expected, actual, 0, 0, "maxima");
        Assert.Equal(Positions(expectedAt), Positions(actualAt));

        // Each is what a search in row-major order finds first.
        int[] found = Positions(expectedAt);
        float[] maxima = expected.ToArray();
        for (int i = 0; i < found.Length; i++)
        {
            int channel = i % 18, x = i / 18 % output[2], row = i / 18 / output[2], first = -1;
            (int image, int y) = Math.DivRem(row, output[1]);
            for (int at = 0; at < 42 && first < 0; at++)
            {
                bool inside = Math.Abs(at / 7 - y) <= 1 && Math.Abs(at % 7 - 2 * x) <= 1;
                first = inside && values[(image * 42 + at) * 18 + channel].Equals(maxima[i]) ? at : -1;
            }

            Assert.Equal(first, found[i]);
        }
    }

    [Fact]
    public void Positions_outside_the_plane_are_skipped()
    {
        Pool2dGeometry geometry = Window(1, (2, 2), (1, 1), (1, 1), 1, 0, 0, channels: 1);
        using Tensor positions = Tensor.Zeros((1, 2, 2, 1)), upstream = Tensor.FromSpan([1, 2, 4, 8], (1, 2, 2, 1));
        using (TensorAccess access = positions.Access())
        {
            int[] given = [3, -1, 4, 3];
            given.CopyTo(MemoryMarshal.Cast<float, int>(access.Values));
        }

        foreach (Backend backend in Enum.GetValues<Backend>())
        {
            using ComputeContext context = new(backend, threads: 1);
            using Tensor gradient = KernelPair.Unwritten((1, 2, 2, 1));
            context.Kernels.MaxPool2dBackward(geometry, null, positions, upstream, gradient);
            Assert.Equal([0f, 0, 0, 9], gradient.ToArray());
        }
    }

    [Fact]
    public void Gradients_of_pooling_are_the_slope_of_the_result()
    {
        using ComputeContext managed = new(Backend.Managed);
        IKernels kernels = managed.Kernels;
        foreach (Pool2dGeometry geometry in Windows.Where(w => w.Batch * w.Channels <= 6))
        {
            Shape input = (geometry.Batch, geometry.Vertical.Input, geometry.Horizontal.Input, geometry.Channels);
            Shape output = (geometry.Batch, geometry.Vertical.Output, geometry.Horizontal.Output, geometry.Channels);
            HasSlopes(input, output, geometry, kernels);
        }

        foreach (AdaptivePool2dGeometry geometry in AdaptiveWindows.Where(w => w.InputHeight * w.InputWidth * w.Channels <= 300))
        {
            Shape input = (geometry.Batch, geometry.InputHeight, geometry.InputWidth, geometry.Channels);
            Shape output = (geometry.Batch, geometry.OutputHeight, geometry.OutputWidth, geometry.Channels);
            HasSlopes(input, output, geometry, kernels);
        }
    }

    [Fact]
    public void Pooling_and_its_gradients_allocate_nothing()
    {
        Pool2dGeometry geometry = Window(2, (8, 8), (3, 3), (2, 2), 1, 1, 1, channels: 20);
        AdaptivePool2dGeometry adaptive = new(2, 8, 8, 20, 4, 4);
        using Tensor large = KernelPair.Values((2, 8, 8, 20), 1), largeGradient = KernelPair.Unwritten((2, 8, 8, 20));
        using Tensor small = KernelPair.Values((2, 4, 4, 20), 2), output = KernelPair.Unwritten((2, 4, 4, 20));
        using Tensor positions = KernelPair.Unwritten((2, 4, 4, 20)), means = KernelPair.Unwritten((2, 1, 1, 20));
        KernelPair.AllocatesNothing(kernels =>
        {
            kernels.MaxPool2d(in geometry, large, output);
            kernels.MaxPool2dIndexed(in geometry, large, output, positions);
            kernels.MaxPool2dBackward(in geometry, null, positions, small, largeGradient);
            kernels.MaxPool2dBackward(in geometry, large, null, small, largeGradient);
            kernels.AveragePool2d(in geometry, large, output);
            kernels.AveragePool2dBackward(in geometry, small, largeGradient);
            kernels.GlobalAveragePool(large, means);
            kernels.GlobalAveragePoolBackward(means, largeGradient);
            kernels.AdaptiveMaxPool2d(in adaptive, large, output, null);
            kernels.AdaptiveMaxPool2d(in adaptive, large, output, positions);
            kernels.AdaptiveMaxPool2dBackward(in adaptive, null, positions, small, largeGradient);
            kernels.AdaptiveAveragePool2d(in adaptive, large, output);
            kernels.AdaptiveAveragePool2dBackward(in adaptive, small, largeGradient);
        });
    }

    private static void HasSlopes(Shape input, Shape output, PoolGeometry geometry, IKernels kernels)
    {
        // Distinct multiples of 1/1024 in a shuffled order (619 has no factor in common with 1024): a step of a quarter of that
        // moves no maximum to another place, and all of its sums are exact.
        float[] values = [.. Enumerable.Range(0, (int)input.ElementCount).Select(i => i * 619 % 1024 / 1024f)];
        Assert.True(values.Length <= 1024);
        using Tensor argument = Tensor.FromSpan(values, input), upstream = KernelPair.Values(output, 2);
        using Tensor result = KernelPair.Unwritten(output), gradient = KernelPair.Unwritten(input);

        // What is left is the rounding of a gradient, which is at most the number of windows.
        double tolerance = output.ElementCount * KernelPair.Epsilon;
        geometry.MaxBackward(kernels, argument, null, upstream, gradient);
        CentralDifferences.AreClose(argument, gradient, Maximum, 1f / 4096, tolerance, $"maxima of {geometry}");

        // An average is linear, so any step will do; its results are rounded, by up to half an ulp of 2.
        geometry.AverageBackward(kernels, upstream, gradient);
        CentralDifferences.AreClose(argument, gradient, Average, 1f, 2 * tolerance, $"averages of {geometry}");

        double Maximum()
        {
            geometry.Max(kernels, argument, result, null);
            return CentralDifferences.WeightedSum(result, upstream);
        }

        double Average()
        {
            geometry.Average(kernels, argument, result);
            return CentralDifferences.WeightedSum(result, upstream);
        }
    }

    private static void AreClose(PoolResults expected, PoolResults actual, int taps, string what)
    {
        KernelPair.AreClose(expected.Maxima, actual.Maxima, 0, 0, what);
        KernelPair.AreClose(expected.IndexedMaxima, actual.IndexedMaxima, 0, 0, what);
        Assert.Equal(Positions(expected.Positions), Positions(actual.Positions));

        // Sums of at most so many float32 terms below 1: their number squared times half an ulp; an average divides by most of
        // that number again, except at borders, where the terms are fewer too. Products with a rounded quotient add an ulp.
        double sum = taps * taps * KernelPair.Epsilon / 2;
        KernelPair.AreClose(expected.MaximaGradient, actual.MaximaGradient, sum, KernelPair.Epsilon, what);
        KernelPair.AreClose(expected.FoundGradient, actual.FoundGradient, sum, KernelPair.Epsilon, what);
        KernelPair.AreClose(expected.Means, actual.Means, (taps + 2) * KernelPair.Epsilon, 0, what);
        KernelPair.AreClose(expected.MeansGradient, actual.MeansGradient, sum + 2 * KernelPair.Epsilon, 0, what);
    }

    private static int[] Positions(Tensor tensor)
    {
        using TensorAccess access = tensor.Access();
        return MemoryMarshal.Cast<float, int>(access.Values).ToArray();
    }

    private static Pool2dGeometry Window(
        int batch, (int Height, int Width) input, (int Height, int Width) window, (int Height, int Width) stride, int dilation,
        int before, int after, int channels, bool ceilMode = false, bool countIncludePad = false) =>
        new(
            batch, Geometries.Axis(input.Height, window.Height, stride.Height, dilation, before, after, ceilMode),
            Geometries.Axis(
                input.Width, window.Width, stride.Width, dilation, Math.Min(before, window.Width - 1), after, ceilMode),
            channels, ceilMode, countIncludePad);
}
