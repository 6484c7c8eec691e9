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
        ((2, 3, 9, 11), [.. Layout.NchwToNhwc]), ((2, 9, 11, 3), [.. Layout.NhwcToNchw]), ((1, 64, 14, 14), [.. Layout.NchwToNhwc]),
        ((2, 3, 4, 5), [3, 1, 0, 2]), (new Shape(2, 3, 1, 4, 5), [4, 2, 0, 3, 1]), (new Shape(2, 3, 2, 2, 3, 4), [5, 0, 4, 1, 3, 2]),
    ];

    private static (Shape Shape, int[] Before, int[] After)[] Pads =>
    [
        (1, [2], [3]), (5, [0], [0]), (5, [-2], [-1]), (4, [7], [9]), ((3, 4), [1, 2], [0, 3]), ((3, 4), [-1, 5], [4, -2]),
        ((2, 5, 7, 3), [0, 2, 1, 0], [0, 1, 3, 0]), ((2, 5, 7, 17), [0, -2, 3, 0], [1, 2, -4, 0]),
        (new Shape(2, 1, 3, 2, 2, 5), [1, 0, 2, 0, 1, 2], [0, 2, 0, -1, 1, 3]),
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
            using Tensor input = Bits(shape);
            Shape outputShape = new([.. axes.Select(axis => shape[axis])]);
            float[] source = input.ToArray(), expected = new float[source.Length];
            for (int i = 0; i < expected.Length; i++)
            {
                int[] place = Indices(outputShape, i), from = new int[axes.Length];
                for (int d = 0; d < axes.Length; d++)
                    from[axes[d]] = place[d];
                expected[i] = source[Offset(shape, from)];
            }

            HaveTheBits(expected, outputShape, native, managed, (kernels, output) => kernels.Transpose(axes, input, output));
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Padding_agrees_in_every_mode_with_its_gradient(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        foreach ((Shape shape, int[] before, int[] after) in Pads)
        {
            Shape outputShape = new([.. before.Select((_, d) => before[d] + shape[d] + after[d])]);
            using Tensor input = Bits(shape), upstream = KernelPair.Values(outputShape, 2);
            foreach (PadMode mode in Enum.GetValues<PadMode>())
            {
                float[] expected = Padded(mode, 2.5f, before, after, shape, input.ToArray(), outputShape);
                HaveTheBits(
                    expected, outputShape, native, managed, (kernels, output) => kernels.Pad(mode, 2.5f, before, after, input, output));

                // As many additions as an element has copies, each of which rounds a sum of up to as many ones by half an ulp.
                using Tensor slopes = KernelPair.Unwritten(shape), found = KernelPair.Unwritten(shape);
                managed.Kernels.PadBackward(mode, before, after, upstream, slopes);
                native.Kernels.PadBackward(mode, before, after, upstream, found);
                double copies = before.Select((_, d) => 1.0 + Math.Max(0, before[d]) + Math.Max(0, after[d])).Aggregate((a, b) => a * b);
                KernelPair.AreClose(slopes, found, copies * copies * KernelPair.Epsilon / 2, 0, $"{mode}, {shape}");
            }
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
            using Tensor input = Bits(shape), upstream = Bits(outputShape);
            float[] source = input.ToArray(), expected = new float[outputShape.ElementCount], slopes = new float[source.Length];
            for (int i = 0; i < expected.Length; i++)
            {
                int from = Offset(shape, [.. Indices(outputShape, i).Select((index, d) => starts[d] + index * steps[d])]);
                expected[i] = source[from];
                slopes[from] = upstream.ToArray()[i];
            }

            HaveTheBits(expected, outputShape, native, managed, (kernels, output) => kernels.Slice(starts, steps, input, output));
            HaveTheBits(slopes, shape, native, managed, (kernels, output) => kernels.SliceBackward(starts, steps, upstream, output));
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
            using Tensor input = Bits(shape), upstream = KernelPair.Values(chosen, 2), indices = IndexTensor(geometry.IndexType, list);
            float[] expected = new float[chosen.ElementCount], source = input.ToArray(), dy = upstream.ToArray();
            double[] sums = new double[source.Length];
            for (int i = 0; i < expected.Length; i++)
            {
                int[] place = Indices(chosen, i);
                int from = Offset(shape, [place[0], (list[place[1]] + geometry.Axis) % geometry.Axis, place[2]]);
                expected[i] = source[from];
                sums[from] += dy[i];
            }

            GatherGeometry copy = geometry;
            HaveTheBits(expected, chosen, native, managed, (kernels, output) => kernels.Gather(in copy, input, indices, output));
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
            using Tensor table = KernelPair.Values((4, 3), 1), output = Tensor.Full((2, 3), 5), indices = IntegerElements.Create([0, index]);
            GatherGeometry geometry = new(IndexType.Int32, Outer: 1, Axis: 4, Inner: 3, IndexCount: 2);
            ArgumentException error = Assert.Throws<ArgumentException>(() => context.Kernels.Gather(in geometry, table, indices, output));
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
            (5, 6), (3, 2), (x, y) => kernels.Slice([4, 1], [-2, 3], x, y), (dy, dx) => kernels.SliceBackward([4, 1], [-2, 3], dy, dx),
            "slice");
        LinearGradient.IsDifference(
            (3, 4), (4, 3), (x, y) => kernels.Transpose([1, 0], x, y), (dy, dx) => kernels.Transpose([1, 0], dy, dx), "transpose");
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
                    int[] place = Indices(whole.Shape, i), inPart = [.. place];
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
        using Tensor a = KernelPair.Values((2, 9, 11, 3), 1), b = KernelPair.Unwritten((2, 3, 9, 11)), part = KernelPair.Unwritten((1, 4, 6, 3));
        using Tensor padded = KernelPair.Unwritten((2, 12, 11, 3)), indices = IntegerElements.Create([1, -1, 1, 0]);
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

    /// <summary>Padding by its definition: what is cut goes first; then the place is moved into the tensor step by step.</summary>
    private static float[] Padded(
        PadMode mode, float value, int[] before, int[] after, Shape shape, float[] source, Shape outputShape)
    {
        var result = new float[outputShape.ElementCount];
        for (int i = 0; i < result.Length; i++)
        {
            int[] place = Indices(outputShape, i);
            bool inside = true;
            for (int d = 0; d < place.Length; d++)
            {
                int first = Math.Max(0, -before[d]), last = shape[d] - 1 - Math.Max(0, -after[d]);
                int p = place[d] - before[d];
                while (mode != PadMode.Constant && (p < first || p > last))
                {
                    p = mode switch
                    {
                        PadMode.Wrap => p < first ? p + (last - first + 1) : p - (last - first + 1),
                        PadMode.Reflect when first < last => p < first ? 2 * first - p : 2 * last - p,
                        _ => p < first ? first : last,
                    };
                }

                inside &= p >= first && p <= last;
                place[d] = p;
            }

            result[i] = inside ? source[Offset(shape, place)] : value;
        }

        return result;
    }

    private static Tensor IndexTensor(IndexType type, int[] indices) => type == IndexType.Int32
        ? IntegerElements.Create(indices)
        : IntegerElements.Create([.. indices.Select(index => (long)index)]);

    /// <summary>Elements of all kinds of bits, numbers and not.</summary>
    private static Tensor Bits(Shape shape)
    {
        using Tensor row = IntegerElements.Create(
            [.. Enumerable.Range(1, (int)shape.ElementCount).Select(i => unchecked(i * (int)0x9E3779B1))]);
        return row.Reshape(shape);
    }

    private static void HaveTheBits(
        float[] expected, Shape shape, ComputeContext native, ComputeContext managed, Action<IKernels, Tensor> run)
    {
        foreach (ComputeContext context in (ComputeContext[])[native, managed])
        {
            using Tensor output = KernelPair.Unwritten(shape);
            run(context.Kernels, output);
            Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), output.ToArray().Select(BitConverter.SingleToInt32Bits));
        }
    }

    private static int[] Indices(Shape shape, int offset)
    {
        var indices = new int[shape.Rank];
        for (int d = shape.Rank - 1; d >= 0; offset /= shape[d], d--)
            indices[d] = offset % shape[d];
        return indices;
    }

    private static int Offset(Shape shape, int[] indices) => indices.Select((index, d) => (index, d)).Aggregate(0, (sum, next) => sum * shape[next.d] + next.index);
}
