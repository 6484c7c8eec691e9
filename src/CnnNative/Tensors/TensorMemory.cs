// The memory behind a tensor. It is a buffer of the native library, so that kernels get it without a copy; where that library
// cannot be loaded, memory of the same kind comes from the .NET runtime, so that the managed kernels still work.
// Views count as owners: a tensor and what was sliced from it can be disposed in any order.

using System.Runtime.InteropServices;
using CnnNative.Interop;

namespace CnnNative;

internal sealed unsafe class TensorMemory : IDisposable
{
    private readonly SafeHandle _handle;
    private readonly float* _data;

    private TensorMemory(SafeHandle handle, float* data, int count)
    {
        _handle = handle;
        _data = data;
        Count = count;
    }

    /// <summary>The number of elements.</summary>
    public int Count { get; }

    /// <summary>The native buffer, for the native kernels.</summary>
    /// <exception cref="NativeLibraryException">The native library was not there when the memory was made.</exception>
    public CnnBufferHandle Buffer
    {
        get
        {
            if (_handle is CnnBufferHandle buffer)
            {
                return buffer;
            }

            NativeRuntime.EnsureLoaded();
            throw new InvalidOperationException("This tensor was made before the native library could be loaded; make it again.");
        }
    }

    /// <summary>Allocates memory of undefined content.</summary>
    public static TensorMemory Allocate(int count)
    {
        if (NativeRuntime.IsAvailable)
        {
            CnnBufferHandle buffer = CnnBufferHandle.Create((long)count * sizeof(float));
            return new TensorMemory(buffer, (float*)NativeMethods.BufferData(buffer), count);
        }

        var managed = RuntimeMemoryHandle.Allocate((nuint)count * sizeof(float));
        return new TensorMemory(managed, managed.Data, count);
    }

    /// <summary>A view of <paramref name="count"/> elements from <paramref name="offset"/> on; it keeps the memory alive.</summary>
    public TensorMemory View(int offset, int count)
    {
        if (_handle is CnnBufferHandle buffer)
        {
            CnnBufferHandle view = buffer.View((long)offset * sizeof(float), (long)count * sizeof(float));
            return new TensorMemory(view, (float*)NativeMethods.BufferData(view), count);
        }

        var shared = RuntimeMemoryHandle.Share((RuntimeMemoryHandle)_handle, offset);
        return new TensorMemory(shared, shared.Data, count);
    }

    /// <summary>Opens the memory for reading and writing; it cannot go away before the access is disposed.</summary>
    public TensorAccess Access() => new(_handle, _data, Count);

    public void Dispose() => _handle.Dispose();

    /// <summary>Aligned memory of the runtime, or a share in it.</summary>
    private sealed class RuntimeMemoryHandle : SafeHandle
    {
        private const nuint Alignment = 64;
        private readonly RuntimeMemoryHandle? _owner;

        private RuntimeMemoryHandle(nint data, RuntimeMemoryHandle? owner)
            : base(0, ownsHandle: true)
        {
            _owner = owner;
            SetHandle(data);
        }

        public override bool IsInvalid => handle == 0;

        public float* Data => (float*)handle;

        public static RuntimeMemoryHandle Allocate(nuint bytes) =>
            new((nint)NativeMemory.AlignedAlloc(bytes, Alignment), owner: null);

        public static RuntimeMemoryHandle Share(RuntimeMemoryHandle parent, int offset)
        {
            bool added = false;
            parent.DangerousAddRef(ref added);
            return new RuntimeMemoryHandle((nint)(parent.Data + offset), parent);
        }

        protected override bool ReleaseHandle()
        {
            if (_owner is null)
            {
                NativeMemory.AlignedFree((void*)handle);
            }
            else
            {
                _owner.DangerousRelease();
            }

            return true;
        }
    }
}
