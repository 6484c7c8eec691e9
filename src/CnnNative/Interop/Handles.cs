// What the generated handles cannot say of themselves: how they are made, and that the garbage collector should know of the
// memory behind a buffer, which it cannot see.

namespace CnnNative.Interop;

internal sealed partial class CnnContextHandle
{
    public static CnnContextHandle Create(int threads, CnnIsa maxIsa)
    {
        NativeMethods.ContextOptionsInit(out CnnContextOptions options);
        options.Threads = threads;
        options.MaxIsa = maxIsa;
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.ContextCreate(in options, out CnnContextHandle context, ref error), in error);
        return context;
    }
}

internal sealed partial class CnnBufferHandle
{
    private long _pressure;

    /// <summary>Allocates a buffer and tells the garbage collector of it.</summary>
    public static CnnBufferHandle Create(long bytes)
    {
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.BufferCreate(bytes, out CnnBufferHandle buffer, ref error), in error);
        buffer._pressure = bytes;
        NativeMemoryPressure.Add(bytes);
        return buffer;
    }

    /// <summary>A view of this buffer; it keeps the memory alive, but does not count as memory of its own.</summary>
    public CnnBufferHandle View(long offset, long bytes)
    {
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.BufferView(this, offset, bytes, out CnnBufferHandle view, ref error), in error);
        return view;
    }

    partial void Released()
    {
        if (_pressure > 0)
        {
            NativeMemoryPressure.Remove(_pressure);
        }
    }
}
