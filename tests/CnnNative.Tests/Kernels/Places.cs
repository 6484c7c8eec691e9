// What the tests of functions that move elements share: where an element lies in a dense tensor, and the comparison of bits.

using System.Runtime.InteropServices;
using CnnNative.Kernels;

namespace CnnNative.Tests.Kernels;

internal static class Places
{
    /// <summary>Elements of all kinds of bits, numbers and not.</summary>
    public static Tensor Bits(Shape shape)
    {
        int[] bits = [.. Enumerable.Range(1, (int)shape.ElementCount).Select(i => unchecked(i * (int)0x9E3779B1))];
        return Tensor.FromSpan(MemoryMarshal.Cast<int, float>(bits), shape);
    }

    /// <summary>Both kernels make the expected elements, bit by bit.</summary>
    public static void HaveTheBits(
        float[] expected, Shape shape, ComputeContext native, ComputeContext managed, Action<IKernels, Tensor> run)
    {
        foreach (ComputeContext context in (ComputeContext[])[native, managed])
        {
            using Tensor output = KernelPair.Unwritten(shape);
            run(context.Kernels, output);
            Assert.Equal(
                expected.Select(BitConverter.SingleToInt32Bits), output.ToArray().Select(BitConverter.SingleToInt32Bits));
        }
    }

    /// <summary>Both kernels make the same elements, bit by bit, and write all of them.</summary>
    public static void HaveTheSameBits(
        Shape shape, ComputeContext native, ComputeContext managed, Action<IKernels, Tensor> run)
    {
        using Tensor output = KernelPair.Unwritten(shape);
        run(managed.Kernels, output);
        float[] expected = output.ToArray();
        Assert.DoesNotContain(float.NaN, expected);
        HaveTheBits(expected, shape, native, managed, run);
    }

    /// <summary>The indices of a place in a dense tensor.</summary>
    public static int[] Indices(Shape shape, int offset)
    {
        var indices = new int[shape.Rank];
        for (int d = shape.Rank - 1; d >= 0; offset /= shape[d], d--)
            indices[d] = offset % shape[d];
        return indices;
    }

    /// <summary>The place of indices in a dense tensor.</summary>
    public static int Offset(Shape shape, int[] indices)
    {
        int offset = 0;
        for (int d = 0; d < indices.Length; d++)
            offset = offset * shape[d] + indices[d];
        return offset;
    }
}
