// What all benchmarks share: a context of each kernel set with one thread, and tensors that go when a benchmark is over. Most time
// the functions of IKernels, on tensors that were made before, as a training loop calls them.

using BenchmarkDotNet.Attributes;
using CnnNative.Kernels;

namespace CnnNative.Benchmarks;

/// <summary>Benchmarks of one subject, on both kernel sets.</summary>
[MemoryDiagnoser]
public abstract class KernelBenchmarks
{
    private readonly List<IDisposable> _owned = [];
    private readonly Random _random = new(1);

    /// <summary>Which kernels.</summary>
    [Params(Backend.Managed, Backend.Native)]
    public Backend Backend { get; set; }

    /// <summary>The context of these kernels.</summary>
    protected ComputeContext Context { get; private set; } = null!;

    private protected IKernels Kernels => Context.Kernels;

    [GlobalSetup]
    public void SetUp()
    {
        Context = Own(new ComputeContext(Backend, threads: 1));
        MakeTensors();
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
            _owned[i].Dispose();
        _owned.Clear();
    }

    /// <summary>Makes what the benchmarks of the subject read and write.</summary>
    protected abstract void MakeTensors();

    /// <summary>Disposes what is given when the benchmark is over.</summary>
    protected T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }

    /// <summary>A tensor of values from -1 to 1: values matter where a kernel branches on them, and subnormal numbers would be
    /// slow.</summary>
    protected Tensor Uniform(Shape shape)
    {
        Tensor tensor = Own(Tensor.Zeros(shape));
        using TensorAccess access = tensor.Access();
        foreach (ref float value in access.Values)
            value = _random.NextSingle() * 2 - 1;
        return tensor;
    }
}
