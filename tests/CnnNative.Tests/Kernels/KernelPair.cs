// What the tests of kernels share: native kernels of each instruction set beside the managed ones, and the proof that a call
// allocates nothing.

using CnnNative.Kernels;
using CnnNative.Tests.Golden;

namespace CnnNative.Tests.Kernels;

internal static class KernelPair
{
    /// <summary>The distance from 1 to the next float32.</summary>
    public const double Epsilon = 1.1920929e-7;

    public static TheoryData<InstructionSet, int> Contexts => new()
    {
        { InstructionSet.Scalar, 1 }, { InstructionSet.Avx2, 1 }, { InstructionSet.Avx2, 3 }, { InstructionSet.Avx512, 1 },
        { InstructionSet.Avx512, 3 },
    };

    /// <summary>A tensor of repeatable values from -1 to 1.</summary>
    public static Tensor Values(Shape shape, uint seed) => Tensor.FromSpan(HashedValues.Create((int)shape.ElementCount, seed), shape);

    /// <summary>A tensor of NaN, so that what a kernel does not write shows.</summary>
    public static Tensor Unwritten(Shape shape) => Tensor.Full(shape, float.NaN);

    /// <summary>|actual - expected| is at most absolute + relative |expected|, element by element.</summary>
    public static void AreClose(Tensor expected, Tensor actual, double absolute, double relative, string what)
    {
        float[] left = actual.ToArray(), right = expected.ToArray();
        Assert.Equal(right.Length, left.Length);
        for (int i = 0; i < left.Length; i++)
        {
            bool same = left[i].Equals(right[i]);
            bool near = Math.Abs((double)left[i] - right[i]) <= absolute + relative * Math.Abs((double)right[i]);
            if (!same && !near)
                Assert.Fail($"{what}: element {i} is {left[i]:R}, expected {right[i]:R}.");
        }
    }

    /// <summary>Runs the calls until all is warm, then a hundred times, which must not allocate.</summary>
    public static void AllocatesNothing(Action<IKernels> calls) =>
        AllocatesNothing(kernels => new PreparedCalls(() => calls(kernels)));

    /// <summary>The same for calls of plans, which are prepared before. Now and then the runtime itself allocates a little on
    /// the thread that runs, so there are three rounds; what a call allocates, it does in all of them.</summary>
    public static void AllocatesNothing(Func<IKernels, PreparedCalls> prepare)
    {
        foreach (Backend backend in Enum.GetValues<Backend>())
        {
            using ComputeContext context = new(backend, threads: 1);
            using PreparedCalls calls = prepare(context.Kernels);
            for (int i = 0; i < 3; i++)
                calls.Run();

            long bytes = AllocatedByAHundred(calls);
            for (int round = 1; round < 3 && bytes != 0; round++)
                bytes = AllocatedByAHundred(calls);
            Assert.True(bytes == 0, $"The {backend} kernels allocate {bytes} bytes in a hundred calls.");
        }
    }

    private static long AllocatedByAHundred(PreparedCalls calls)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            calls.Run();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}

/// <summary>Calls, and what they need for as long as they are made.</summary>
internal sealed class PreparedCalls(Action run, params IDisposable[] plans) : IDisposable
{
    public void Run() => run();

    public void Dispose()
    {
        foreach (IDisposable plan in plans)
            plan.Dispose();
    }
}
