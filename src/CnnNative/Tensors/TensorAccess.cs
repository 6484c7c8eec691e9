// A window onto a tensor's elements. It holds the memory open, so a span can never outlive what it points to, even when the
// tensor is disposed meanwhile by another thread.

using System.Runtime.InteropServices;

namespace CnnNative;

/// <summary>Direct access to the elements of a float32 <see cref="Tensor"/>; dispose it when done, with <c>using</c>.</summary>
public unsafe ref struct TensorAccess : IDisposable
{
    private SafeHandle? _handle;

    internal TensorAccess(SafeHandle handle, void* data, int count)
    {
        bool added = false;
        handle.DangerousAddRef(ref added);
        _handle = handle;
        Values = new Span<float>(data, count);
    }

    /// <summary>The elements in row-major order, channels innermost. Do not use it after <see cref="Dispose"/>.</summary>
    public readonly Span<float> Values { get; }

    /// <summary>Ends the access. Calling it again does nothing.</summary>
    public void Dispose()
    {
        _handle?.DangerousRelease();
        _handle = null;
    }
}

/// <summary>Direct access to the elements of a <see cref="Tensor"/> of any type; dispose it when done, with <c>using</c>.</summary>
/// <typeparam name="T">The type of the elements.</typeparam>
public unsafe ref struct TensorAccess<T> : IDisposable
    where T : unmanaged
{
    private SafeHandle? _handle;

    internal TensorAccess(SafeHandle handle, void* data, int count)
    {
        bool added = false;
        handle.DangerousAddRef(ref added);
        _handle = handle;
        Values = new Span<T>(data, count);
    }

    /// <summary>The elements in row-major order, channels innermost. Do not use it after <see cref="Dispose"/>.</summary>
    public readonly Span<T> Values { get; }

    /// <summary>Ends the access. Calling it again does nothing.</summary>
    public void Dispose()
    {
        _handle?.DangerousRelease();
        _handle = null;
    }
}
