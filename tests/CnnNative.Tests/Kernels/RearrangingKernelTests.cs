// Functions that move elements: native against managed kernels bit by bit, both against their definition element by element, and
// gradients against differences of the managed functions, which are linear, so that differences are exact.

using CnnNative.Kernels;

namespace CnnNative.Tests.Kernels;

public sealed class RearrangingKernelTests
{
    public static TheoryData<InstructionSet, int> Contexts => KernelPair.Contexts;

    /// <summary>Shapes and orders of their dimensions; the two layouts of images, ranks 1 to 6, and sizes with tails.</summary>
    private static (Shape Shape, int[] Axes)[] Transposes =>
    [
        (7, [0]), ((5, 3), [1, 0]), ((65, 130), [1, 0]), ((3, 5, 7), [2, 1, 0]), ((2, 3, 17), [1, 0, 2]),
        ((2, 3, 9, 11), [.. Layout.NchwToNhwc]), ((2, 9, 11, 3), [.. Layout.NhwcToNchw]),
        ((1, 64, 14, 14), [.. Layout.NchwToNhwc]),
        ((2, 3, 4, 5), [3, 1, 0, 2]), (new Shape(2, 3, 1, 4, 5), [4, 2, 0, 3, 1]),
        (new Shape(2, 3, 2, 2, 3, 4), [5, 0, 4, 1, 3, 2]),
    ];

    private static (Shape Shape, int[] Starts, int[] Steps, Shape Output)[] Slices =>
    [
        (9, [2], [3], 3), (9, [8], [-1], 9), ((5, 20), [1, 2], [1, 1], (3, 17)), ((5, 20), [4, 19], [-2, -3], (3, 6)),
        ((2, 6, 7, 3), [0, 1, 6, 0], [1, 2, -2, 1], (2, 3, 4, 3)), ((2, 6, 7, 33), [1, 0, 3, 0], [1, 1, 1, 1], (1, 6, 2, 33)),
        (new Shape(2, 3, 4, 2, 3, 5), [1, 0, 3, 0, 2, 1], [-1, 2, -1, 1, -2, 2], new Shape(2, 2, 3, 2, 2, 2)),
    ];

    private static (GatherGeometry Geometry, int[] Indices)[] Gathers =>
    [
        (new(IndexType.Int32, 1, 4, 1, 6), [0, 3, -1, 3, -4, 1]), (new(IndexType.Int64, 1, 4, 1, 6), [0, 3, -1, 3, -4, 1]),
        (new(IndexType.Int32, 3, 5, 17, 3), [4, -5, 4]), (new(IndexType.Int64, 2, 3, 130, 7), [0, 1, 2, -1, -2, -3, 0]),
    ];

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Transposes_move_every_element_with_its_bits(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        foreach ((Shape shape, int[] axes) in Transposes)
        {
            using Tensor input = Places.Bits(shape);
            Shape outputShape = new([.. axes.Select(axis => shape[axis])]);
            float[] source = input.ToArray(), expected = new float[source.Length];
            for (int i = 0; i < expected.Length; i++)
            {
                int[] place = Places.Indices(outputShape, i), from = new int[axes.Length];
                for (int d = 0; d < axes.Length; d++)
                    from[axes[d]] = place[d];
                expected[i] = source[Places.Offset(shape, from)];
            }

            Places.HaveTheBits(
                expected, outputShape, native, managed, (kernels, output) => kernels.Transpose(axes, input, output));
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Slices_move_elements_there_and_back(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        foreach ((Shape shape, int[] starts, int[] steps, Shape outputShape) in Slices)
        {
            using Tensor input = Places.Bits(shape), upstream = Places.Bits(outputShape);
            float[] source = input.ToArray(), expected = new float[outputShape.ElementCount], slopes = new float[source.Length];
            for (int i = 0; i < expected.Length; i++)
            {
                int[] place = Places.Indices(outputShape, i);
                int from = Places.Offset(shape, [.. place.Select((index, d) => starts[d] + index * steps[d])]);
                expected[i] = source[from];
                slopes[from] = upstream.ToArray()[i];
            }

            Places.HaveTheBits(
                expected, outputShape, native, managed, (kernels, output) => kernels.Slice(starts, steps, input, output));
            Places.HaveTheBits(
                slopes, shape, native, managed, (kernels, output) => kernels.SliceBackward(starts, steps, upstream, output));
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Gathering_agrees_with_its_gradient(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        foreach ((GatherGeometry geometry, int[] list) in Gathers)
        {
            Shape shape = (geometry.Outer, geometry.Axis, geometry.Inner), chosen = (geometry.Outer, list.Length, geometry.Inner);
            using Tensor input = Places.Bits(shape), upstream = KernelPair.Values(chosen, 2);
            using Tensor indices = IndexTensor(geometry.IndexType, list);
            float[] expected = new float[chosen.ElementCount], source = input.ToArray(), dy = upstream.ToArray();
            double[] sums = new double[source.Length];
            for (int i = 0; i < expected.Length; i++)
            {
                int[] place = Places.Indices(chosen, i);
                int from = Places.Offset(shape, [place[0], (list[place[1]] + geometry.Axis) % geometry.Axis, place[2]]);
                expected[i] = source[from];
                sums[from] += dy[i];
            }

            GatherGeometry copy = geometry;
            Places.HaveTheBits(
                expected, chosen, native, managed, (kernels, output) => kernels.Gather(in copy, input, indices, output));
            using Tensor slopes = Tensor.FromSpan([.. sums.Select(sum => (float)sum)], shape);
            foreach (ComputeContext context in (ComputeContext[])[native, managed])
            {
                using Tensor found = KernelPair.Unwritten(shape);
                context.Kernels.GatherBackward(in geometry, upstream, indices, found);

                // As many terms as indices at most, each below 1.
                KernelPair.AreClose(slopes, found, list.Length * KernelPair.Epsilon, 0, $"{geometry}, {context.Backend}");
            }
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(-5)]
    public void An_index_outside_is_refused_before_anything_is_written(int index)
    {
        foreach (Backend backend in Enum.GetValues<Backend>())
        {
            using ComputeContext context = new(backend);
            using Tensor table = KernelPair.Values((4, 3), 1), output = Tensor.Full((2, 3), 5);
            using Tensor indices = IntegerElements.Create([0, index]);
            GatherGeometry geometry = new(IndexType.Int32, Outer: 1, Axis: 4, Inner: 3, IndexCount: 2);
            ArgumentException error = Assert.Throws<ArgumentException>(
                () => context.Kernels.Gather(in geometry, table, indices, output));
            Assert.Contains($"index 1 is {index}, expected -4 to 3", error.Message, StringComparison.Ordinal);
            Assert.All(output.ToArray(), value => Assert.Equal(5, value));
            Assert.Throws<ArgumentException>(() => context.Kernels.GatherBackward(in geometry, output, indices, table));
        }
    }

    [Fact]
    public void Gradients_of_rearranging_are_differences()
    {
        using ComputeContext managed = new(Backend.Managed);
        IKernels kernels = managed.Kernels;
        foreach (PadMode mode in Enum.GetValues<PadMode>())
        {
            LinearGradient.IsDifference(
                (3, 4), (8, 7), (x, y) => kernels.Pad(mode, 2, [2, -1], [3, 4], x, y),
                (dy, dx) => kernels.PadBackward(mode, [2, -1], [3, 4], dy, dx), $"{mode}");
        }

        LinearGradient.IsDifference(
            (5, 6), (3, 2), (x, y) => kernels.Slice([4, 1], [-2, 3], x, y),
            (dy, dx) => kernels.SliceBackward([4, 1], [-2, 3], dy, dx), "slice");
        LinearGradient.IsDifference(
            (3, 4), (4, 3), (x, y) => kernels.Transpose([1, 0], x, y), (dy, dx) => kernels.Transpose([1, 0], dy, dx),
            "transpose");
        using Tensor indices = IntegerElements.Create([1, -1, 1, 0]);
        GatherGeometry geometry = new(IndexType.Int32, Outer: 2, Axis: 3, Inner: 2, IndexCount: 4);
        LinearGradient.IsDifference(
            (2, 3, 2), (2, 4, 2), (x, y) => kernels.Gather(in geometry, x, indices, y),
            (dy, dx) => kernels.GatherBackward(in geometry, dy, indices, dx), "gather");
    }

    [Fact]
    public void Parts_are_laid_into_a_whole_and_taken_out_again()
    {
        foreach (Backend backend in Enum.GetValues<Backend>())
        {
            using ComputeContext context = new(backend);
            for (int axis = 0; axis < 3; axis++)
            {
                int[] left = [3, 4, 5], right = [3, 4, 5], both = [3, 4, 5];
                (left[axis], right[axis], both[axis]) = (1, 2, 3);
                using Tensor first = KernelPair.Values(new Shape(left), 1), second = KernelPair.Values(new Shape(right), 2);
                using Tensor whole = KernelPair.Unwritten(new Shape(both)), back = KernelPair.Unwritten(second.Shape);
                context.Kernels.CopyRows(RowCopy.Into(first.Shape, whole.Shape, axis, start: 0), first, whole);
                context.Kernels.CopyRows(RowCopy.Into(second.Shape, whole.Shape, axis, start: 1), second, whole);
                for (int i = 0; i < whole.ElementCount; i++)
                {
                    int[] place = Places.Indices(whole.Shape, i), inPart = [.. place];
                    inPart[axis] -= place[axis] < 1 ? 0 : 1;
                    Assert.Equal((place[axis] < 1 ? first : second)[inPart], whole[place]);
                }

                context.Kernels.CopyRows(RowCopy.OutOf(whole.Shape, second.Shape, axis, start: 1), whole, back);
                Assert.Equal(second.ToArray(), back.ToArray());
            }
        }
    }

    [Fact]
    public void Rearranging_allocates_nothing()
    {
        using Tensor a = KernelPair.Values((2, 9, 11, 3), 1), b = KernelPair.Unwritten((2, 3, 9, 11));
        using Tensor part = KernelPair.Unwritten((1, 4, 6, 3)), padded = KernelPair.Unwritten((2, 12, 11, 3));
        using Tensor indices = IntegerElements.Create([1, -1, 1, 0]);
        using Tensor chosen = KernelPair.Unwritten((2, 4, 11, 3));
        GatherGeometry geometry = new(IndexType.Int32, Outer: 2, Axis: 9, Inner: 33, IndexCount: 4);
        KernelPair.AllocatesNothing(kernels =>
        {
            kernels.Transpose(Layout.NhwcToNchw, a, b);
            kernels.Transpose(Layout.NchwToNhwc, b, a);
            kernels.Pad(PadMode.Reflect, 0, [0, 1, 0, 0], [0, 2, 0, 0], a, padded);
            kernels.PadBackward(PadMode.Reflect, [0, 1, 0, 0], [0, 2, 0, 0], padded, a);
            kernels.Slice([1, 0, 10, 0], [1, 2, -1, 1], a, part);
            kernels.SliceBackward([1, 0, 10, 0], [1, 2, -1, 1], part, a);
            kernels.Gather(in geometry, a, indices, chosen);
            kernels.GatherBackward(in geometry, chosen, indices, a);
            kernels.CopyRows(RowCopy.OutOf(a.Shape, part.Shape, axis: 1, start: 2) with { Rows = 1 }, a, part);
        });
    }

    private static Tensor IndexTensor(IndexType type, int[] indices) => type == IndexType.Int32
        ? IntegerElements.Create(indices)
        : IntegerElements.Create([.. indices.Select(index => (long)index)]);
}
