// The memory behind a tensor. It is a buffer of the native library, so that kernels get it without a copy; where that library
// cannot be loaded, memory of the same kind comes from the .NET runtime, so that the managed kernels still work.
// Views count as owners: a tensor and what was sliced from it can be disposed in any order. Elements that are in a file may stay
// there until somebody looks at them.

using System.Runtime.InteropServices;
using CnnNative.Interop;

namespace CnnNative;

internal sealed unsafe class TensorMemory : IDisposable
{
    private const long Word = sizeof(float);
    private readonly DeferredMemory? _deferred;
    private readonly long _offset;
    private SafeHandle? _handle;
    private byte* _data;
    private int _isDisposed;

    private TensorMemory(SafeHandle handle, byte* data, long bytes)
    {
        _handle = handle;
        _data = data;
        Bytes = bytes;
    }

    private TensorMemory(DeferredMemory deferred, long offset, long bytes)
    {
        _deferred = deferred;
        _offset = offset;
        Bytes = bytes;
        deferred.Add();
    }

    /// <summary>The size.</summary>
    public long Bytes { get; }

    /// <summary>The native buffer, for the native kernels.</summary>
    /// <exception cref="NativeLibraryException">The native library was not there when the memory was made.</exception>
    public CnnBufferHandle Buffer
    {
        get
        {
            if (Handle is CnnBufferHandle buffer)
            {
                return buffer;
            }

            NativeRuntime.EnsureLoaded();
            throw new InvalidOperationException("This tensor was made before the native library could be loaded; make it again.");
        }
    }

    /// <summary>Where all of the elements can be read, if they were not yet.</summary>
    public TensorSource? Pending =>
        _deferred is not null && _handle is null && Bytes == _deferred.Bytes ? _deferred.Pending : null;

    /// <summary>What keeps the memory; elements that are still elsewhere are read now.</summary>
    private SafeHandle Handle => Volatile.Read(ref _handle) ?? Load();

    /// <summary>Memory that is filled when somebody first looks at it; it takes the source over.</summary>
    public static TensorMemory Defer(TensorSource source) => new(new DeferredMemory(source), 0, source.Bytes);

    /// <summary>Allocates memory of undefined content.</summary>
    public static TensorMemory Allocate(long bytes, NativeHandleKind kind = NativeHandleKind.Tensor)
    {
        // Kernels that move bits see whole words of 32 bits, and no buffer is empty.
        long reserved = Math.Max(Word, (bytes + Word - 1) / Word * Word);
        if (NativeRuntime.IsAvailable)
        {
            CnnBufferHandle buffer = CnnBufferHandle.Create(reserved, kind);
            return new TensorMemory(buffer, (byte*)NativeMethods.BufferData(buffer), bytes);
        }

        var managed = RuntimeMemoryHandle.Allocate(reserved, kind);
        return new TensorMemory(managed, managed.Data, bytes);
    }

    /// <summary>A view of <paramref name="bytes"/> from <paramref name="offset"/> on; it keeps the memory alive.</summary>
    public TensorMemory View(long offset, long bytes)
    {
        if (bytes == 0)
        {
            return Allocate(0);
        }

        if (_deferred is not null && Volatile.Read(ref _handle) is null)
        {
            ObjectDisposedException.ThrowIf(_isDisposed != 0, typeof(Tensor));
            return new TensorMemory(_deferred, _offset + offset, bytes);
        }

        if (_handle is CnnBufferHandle buffer)
        {
            CnnBufferHandle view = buffer.View(offset, bytes);
            return new TensorMemory(view, (byte*)NativeMethods.BufferData(view), bytes);
        }

        var shared = RuntimeMemoryHandle.Share((RuntimeMemoryHandle)Handle, offset, bytes);
        return new TensorMemory(shared, shared.Data, bytes);
    }

    /// <summary>Reads elements that are elsewhere now, for good. Nobody else uses the memory meanwhile.</summary>
    public void LoadNow() => _deferred?.Load();

    /// <summary>Opens the memory for reading and writing as words of 32 bits; it cannot go away before the access is disposed.
    /// </summary>
    public TensorAccess Access() => new(Handle, _data, (int)(Bytes / sizeof(float)));

    /// <summary>Opens the memory for reading and writing as elements of a type.</summary>
    public TensorAccess<T> Access<T>()
        where T : unmanaged => new(Handle, _data, checked((int)(Bytes / sizeof(T))));

    public void Dispose()
    {
        Volatile.Read(ref _handle)?.Dispose();
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _deferred?.Remove();
        }
    }

    private SafeHandle Load()
    {
        lock (_deferred!)
        {
            ObjectDisposedException.ThrowIf(_isDisposed != 0, typeof(Tensor));
            if (_handle is null)
            {
                // The handle is what others look at, so the address is there before it.
                TensorMemory view = _deferred.View(_offset, Bytes);
                _data = view._data;
                Volatile.Write(ref _handle, view._handle);
            }

            return _handle!;
        }
    }

    /// <summary>Aligned memory of the runtime, or a share in it.</summary>
    private sealed class RuntimeMemoryHandle : NativeHandle
    {
        private const nuint Alignment = 64;
        private readonly RuntimeMemoryHandle? _owner;

        private RuntimeMemoryHandle(nint data, RuntimeMemoryHandle? owner)
        {
            _owner = owner;
            SetHandle(data);
        }

        public byte* Data => (byte*)handle;

        public static RuntimeMemoryHandle Allocate(long bytes, NativeHandleKind kind)
        {
            RuntimeMemoryHandle memory = new((nint)NativeMemory.AlignedAlloc((nuint)bytes, Alignment), owner: null);
            NativeMemoryPressure.AddRuntimeBytes(bytes);
            memory.Count(kind, bytes);
            return memory;
        }

        public static RuntimeMemoryHandle Share(RuntimeMemoryHandle parent, long offset, long bytes)
        {
            bool added = false;
            parent.DangerousAddRef(ref added);
            RuntimeMemoryHandle share = new((nint)(parent.Data + offset), parent);
            share.Count(parent.Kind, bytes);
            return share;
        }

        protected override void Destroy()
        {
            if (_owner is null)
            {
                NativeMemory.AlignedFree((void*)handle);
                NativeMemoryPressure.AddRuntimeBytes(-Bytes);
            }
            else
            {
                _owner.DangerousRelease();
            }
        }
    }
}
