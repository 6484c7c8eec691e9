// Resizing: native against managed kernels over all modes, both against results that were worked out by hand from the definition,
// and the gradient against differences.

using CnnNative.Kernels;

namespace CnnNative.Tests.Kernels;

public sealed class ResizeKernelTests
{
    public static TheoryData<InstructionSet, int> Contexts => KernelPair.Contexts;

    /// <summary>Larger, smaller, both, the same, one pixel, and sizes rounded from a given scale.</summary>
    private static (ResizeAxis Vertical, ResizeAxis Horizontal)[] Axes =>
    [
        (new(5, 10), new(7, 14)), (new(9, 4), new(17, 5)), (new(4, 7), new(11, 6)), (new(6, 6), new(5, 5)), (new(1, 4), new(3, 1)),
        (new(4, 1), new(1, 1)), (new(5, 3, 0.7), new(7, 16, 2.3)), (new(40, 3), new(3, 40)),
    ];

    /// <summary>A row, how it is resized, and what comes of 1, 2, 3 and so on. The weights of the cubic filter half a pixel and
    /// one and a half away are 19/32 and -3/32 for a = -3/4; stretched to twice the width with a = -1/2 they are, from the middle
    /// outwards, 111, 29, -9 and -3 over 256.</summary>
    private static (ResizeAxis Axis, ResizeFilter Filter, float[] Expected)[] WorkedOut =>
    [
        (new(3, 6), new(ResizeMode.Nearest, CoordinateMode.Asymmetric, NearestMode.Floor), [1, 1, 2, 2, 3, 3]),
        (new(3, 6), new(ResizeMode.Nearest, CoordinateMode.Asymmetric, NearestMode.Ceil), [1, 2, 2, 3, 3, 3]),
        (new(3, 6), new(ResizeMode.Nearest, CoordinateMode.Asymmetric, NearestMode.RoundPreferFloor), [1, 1, 2, 2, 3, 3]),
        (new(3, 6), new(ResizeMode.Nearest, CoordinateMode.Asymmetric, NearestMode.RoundPreferCeil), [1, 2, 2, 3, 3, 3]),
        (new(4, 2), new(ResizeMode.Nearest), [1, 3]),
        (new(4, 2), new(ResizeMode.Nearest, Nearest: NearestMode.RoundPreferCeil), [2, 4]),
        (new(4, 2), new(ResizeMode.Linear), [1.5f, 3.5f]),
        (new(4, 2, 0.6), new(ResizeMode.Linear), [4f / 3, 3]),
        (new(4, 2), new(ResizeMode.Linear, CoordinateMode.AlignCorners), [1, 4]),
        (new(2, 4), new(ResizeMode.Linear, CoordinateMode.AlignCorners), [1, 4f / 3, 5f / 3, 2]),
        (new(4, 1), new(ResizeMode.Linear), [2.5f]),
        (new(4, 1), new(ResizeMode.Linear, CoordinateMode.PytorchHalfPixel), [1]),
        (new(4, 1), new(ResizeMode.Linear, CoordinateMode.AlignCorners), [1]),
        (new(5, 3, 0.7), new(ResizeMode.Linear, CoordinateMode.HalfPixelSymmetric), [11f / 7, 3, 31f / 7]),
        (new(4, 2, 0.6), new(ResizeMode.Linear, Antialias: true), [1.375f, 3]),
        (new(4, 2), new(ResizeMode.Cubic), [45f / 32, 115f / 32]),
        (new(4, 2), new(ResizeMode.Cubic, ExcludeOutside: true), [48f / 35, 127f / 35]),
        (new(4, 2), new(ResizeMode.Cubic, Antialias: true, CubicCoefficient: -0.5), [389f / 256, 891f / 256]),
    ];

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Every_mode_agrees_with_its_gradient(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        foreach ((ResizeAxis vertical, ResizeAxis horizontal) in Axes)
        {
            foreach (ResizeFilter filter in Filters())
            {
                int channels = 1 + vertical.Input * 5 % 19;
                ResizeGeometry geometry = new(2, vertical, horizontal, channels, filter);
                Agree(native.Kernels, managed.Kernels, in geometry);
            }
        }
    }

    [Fact]
    public void Rows_of_1_2_3_and_so_on_become_what_the_definition_says()
    {
        foreach (Backend backend in Enum.GetValues<Backend>())
        {
            using ComputeContext context = new(backend);
            foreach ((ResizeAxis axis, ResizeFilter filter, float[] expected) in WorkedOut)
            {
                ResizeGeometry geometry = new(1, new(1, 1), axis, 1, filter);
                using IResizePlan plan = context.Kernels.CreateResizePlan(in geometry);
                using Tensor input = Tensor.FromSpan([.. Enumerable.Range(1, axis.Input).Select(i => (float)i)], axis.Input);
                using Tensor output = KernelPair.Unwritten(axis.Output), reference = Tensor.FromSpan(expected, axis.Output);
                plan.Run(input, output);

                // Up to eight products of at most 5, rounded like their weights.
                KernelPair.AreClose(reference, output, 8 * 5 * KernelPair.Epsilon, 0, $"{backend}, {axis}, {filter}");
            }
        }
    }

    [Fact]
    public void An_image_is_resized_in_both_directions()
    {
        ResizeGeometry geometry = new(1, new(2, 4), new(2, 4), 1, new(ResizeMode.Linear));
        foreach (Backend backend in Enum.GetValues<Backend>())
        {
            using ComputeContext context = new(backend);
            using IResizePlan plan = context.Kernels.CreateResizePlan(in geometry);
            using Tensor input = Tensor.FromSpan([1, 2, 3, 4], (2, 2)), output = KernelPair.Unwritten((4, 4));
            plan.Run(input, output);

            // Quarters of the way between columns, which are 1 apart, and rows, which are 2 apart: exact.
            Assert.Equal(
                [1, 1.25f, 1.75f, 2, 1.5f, 1.75f, 2.25f, 2.5f, 2.5f, 2.75f, 3.25f, 3.5f, 3, 3.25f, 3.75f, 4], output.ToArray());
        }
    }

    [Fact]
    public void Gradients_are_differences()
    {
        using ComputeContext managed = new(Backend.Managed);
        foreach (ResizeFilter filter in Filters())
        {
            ResizeGeometry geometry = new(2, new(4, 7), new(5, 3), 2, filter);
            using IResizePlan plan = managed.Kernels.CreateResizePlan(in geometry);
            LinearGradient.IsDifference((2, 4, 5, 2), (2, 7, 3, 2), plan.Run, plan.Backward, $"{filter}");
        }
    }

    [Fact]
    public void A_pixel_that_weighs_nothing_is_not_read()
    {
        ResizeGeometry geometry = new(1, new(2, 2), new(3, 3), 1, new(ResizeMode.Cubic));
        foreach (Backend backend in Enum.GetValues<Backend>())
        {
            using ComputeContext context = new(backend);
            using IResizePlan plan = context.Kernels.CreateResizePlan(in geometry);
            using Tensor input = Tensor.FromSpan([1, float.NaN, -0f, float.PositiveInfinity, 2, 3], (2, 3));
            using Tensor output = KernelPair.Unwritten((2, 3));
            plan.Run(input, output);
            Assert.Equal(
                input.ToArray().Select(BitConverter.SingleToInt32Bits), output.ToArray().Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Fact]
    public void Resizing_with_a_plan_allocates_nothing()
    {
        ResizeGeometry geometry = new(2, new(9, 20), new(11, 7), 5, new(ResizeMode.Cubic, Antialias: true));
        using Tensor input = KernelPair.Values((2, 9, 11, 5), 1), output = KernelPair.Unwritten((2, 20, 7, 5));
        List<IResizePlan> plans = [];
        IKernels? owner = null;
        KernelPair.AllocatesNothing(kernels =>
        {
            if (!ReferenceEquals(owner, kernels))
            {
                plans.Add(kernels.CreateResizePlan(in geometry));
                owner = kernels;
            }

            plans[^1].Run(input, output);
            plans[^1].Backward(output, input);
        });
        foreach (IResizePlan plan in plans)
            plan.Dispose();
    }

    private static IEnumerable<ResizeFilter> Filters()
    {
        foreach (CoordinateMode coordinates in Enum.GetValues<CoordinateMode>())
        {
            foreach (NearestMode nearest in Enum.GetValues<NearestMode>())
                yield return new(ResizeMode.Nearest, coordinates, nearest);
            foreach (ResizeMode mode in (ResizeMode[])[ResizeMode.Linear, ResizeMode.Cubic])
            {
                yield return new(mode, coordinates);
                yield return new(mode, coordinates, Antialias: true, CubicCoefficient: -0.5);
                yield return new(mode, coordinates, ExcludeOutside: true);
                yield return new(mode, coordinates, Antialias: true, ExcludeOutside: true);
            }
        }
    }

    private static void Agree(IKernels native, IKernels managed, in ResizeGeometry geometry)
    {
        using IResizePlan plan = native.CreateResizePlan(in geometry), oracle = managed.CreateResizePlan(in geometry);
        Shape small = (2, geometry.Vertical.Input, geometry.Horizontal.Input, geometry.Channels);
        Shape large = (2, geometry.Vertical.Output, geometry.Horizontal.Output, geometry.Channels);
        using Tensor input = KernelPair.Values(small, 1), upstream = KernelPair.Values(large, 2);
        using Tensor expected = KernelPair.Unwritten(large), actual = KernelPair.Unwritten(large);
        using Tensor slopes = KernelPair.Unwritten(small), found = KernelPair.Unwritten(small);
        oracle.Run(input, expected);
        plan.Run(input, actual);
        oracle.Backward(upstream, slopes);
        plan.Backward(upstream, found);

        // A sum in one direction has as many terms as the longer side at most, and weights of 2 together for each pixel that the
        // shorter side is stretched over; every product and sum rounds by half an ulp, and so does a weight.
        int rows = Math.Max(geometry.Vertical.Input, geometry.Vertical.Output);
        int columns = Math.Max(geometry.Horizontal.Input, geometry.Horizontal.Output);
        double roundings = (rows + columns + 2) * KernelPair.Epsilon, weights = 4;
        double copies = Stretch(geometry.Vertical) * Stretch(geometry.Horizontal);
        KernelPair.AreClose(expected, actual, weights * roundings, 0, $"{geometry}");
        KernelPair.AreClose(slopes, found, weights * copies * roundings, 0, $"gradient of {geometry}");
    }

    /// <summary>Outputs that one input pixel is part of, apart from the filter's own width.</summary>
    private static double Stretch(ResizeAxis axis) => Math.Max(1, (double)axis.Output / axis.Input);
}
