// Padding: native and managed kernels against the definition bit by bit, in all modes, with cutting and with padding that is
// longer than the tensor; the gradients against each other.

namespace CnnNative.Tests.Kernels;

public sealed class PadKernelTests
{
    public static TheoryData<InstructionSet, int> Contexts => KernelPair.Contexts;

    private static (Shape Shape, int[] Before, int[] After)[] Pads =>
    [
        (1, [2], [3]), (5, [0], [0]), (5, [-2], [-1]), (4, [7], [9]), ((3, 4), [1, 2], [0, 3]), ((3, 4), [-1, 5], [4, -2]),
        ((2, 5, 7, 3), [0, 2, 1, 0], [0, 1, 3, 0]), ((2, 5, 7, 17), [0, -2, 3, 0], [1, 2, -4, 0]),
        (new Shape(2, 1, 3, 2, 2, 5), [1, 0, 2, 0, 1, 2], [0, 2, 0, -1, 1, 3]),
    ];

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Padding_agrees_in_every_mode_with_its_gradient(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        foreach ((Shape shape, int[] before, int[] after) in Pads)
        {
            Shape outputShape = new([.. before.Select((_, d) => before[d] + shape[d] + after[d])]);
            using Tensor input = Places.Bits(shape), upstream = KernelPair.Values(outputShape, 2);
            foreach (PadMode mode in Enum.GetValues<PadMode>())
            {
                float[] expected = Padded(mode, 2.5f, before, after, shape, input.ToArray(), outputShape);
                Places.HaveTheBits(
                    expected, outputShape, native, managed,
                    (kernels, output) => kernels.Pad(mode, 2.5f, before, after, input, output));

                // As many additions as an element has copies, each of which rounds a sum of up to as many ones by half an ulp.
                using Tensor slopes = KernelPair.Unwritten(shape), found = KernelPair.Unwritten(shape);
                managed.Kernels.PadBackward(mode, before, after, upstream, slopes);
                native.Kernels.PadBackward(mode, before, after, upstream, found);
                double copies = 1;
                for (int d = 0; d < before.Length; d++)
                    copies *= 1 + Math.Max(0, before[d]) + Math.Max(0, after[d]);
                KernelPair.AreClose(slopes, found, copies * copies * KernelPair.Epsilon / 2, 0, $"{mode}, {shape}");
            }
        }
    }

    /// <summary>Padding by its definition: what is cut goes first; then the place is moved into the tensor step by
    /// step.</summary>
    private static float[] Padded(
        PadMode mode, float value, int[] before, int[] after, Shape shape, float[] source, Shape outputShape)
    {
        var result = new float[outputShape.ElementCount];
        for (int i = 0; i < result.Length; i++)
        {
            int[] place = Places.Indices(outputShape, i);
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

            result[i] = inside ? source[Places.Offset(shape, place)] : value;
        }

        return result;
    }
}
