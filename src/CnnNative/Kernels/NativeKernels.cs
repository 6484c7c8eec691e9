// The kernels of the native library. This class translates, subject by subject in its other parts: geometry into descriptors,
// tensors into buffers, statuses into exceptions. It computes nothing.

using CnnNative.Interop;

namespace CnnNative.Kernels;

internal sealed partial class NativeKernels : IKernels
{
    private readonly CnnContextHandle _context;
    private readonly ScratchPool _scratch = new();

    public NativeKernels(int threads, CnnIsa maxIsa)
    {
        NativeRuntime.EnsureLoaded();
        _context = CnnContextHandle.Create(threads, maxIsa);
    }

    public CnnIsa Isa => NativeMethods.ContextIsa(_context);

    public int Threads => NativeMethods.ContextThreads(_context);

    public void Dispose()
    {
        _context.Dispose();
        _scratch.Dispose();
    }

    /// <summary>The buffer of a tensor, or none where an optional one is missing.</summary>
    private static CnnBufferHandle BufferOf(Tensor? tensor) => tensor?.Buffer ?? CnnBufferHandle.None;
}
