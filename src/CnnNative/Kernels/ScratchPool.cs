// Memory that native calls work in: a call rents it, gives it back, and the next one finds it again. New memory comes from the
// system page by page, which takes longer than many a convolution, and a training loop must not allocate in every step.

using CnnNative.Interop;

namespace CnnNative.Kernels;

/// <summary>Buffers for as many calls as ever ran at once. They grow and are never given back before the pool is disposed, so
/// a loop allocates in its first round only. Safe to use from several threads at once.</summary>
internal sealed class ScratchPool : IDisposable
{
    private readonly Lock _gate = new();
    private Block[] _free = new Block[4];
    private int _count;
    private bool _disposed;

    /// <summary>Rents at least <paramref name="bytes"/> bytes of undefined content, aligned as kernels want their workspace;
    /// no buffer at all for 0 bytes. Dispose the rental, with <c>using</c>.</summary>
    public ScratchRental Workspace(long bytes)
    {
        if (bytes == 0)
        {
            return new ScratchRental(this, default);
        }

        Block block = Take(bytes);
        if (block.Bytes < bytes)
        {
            block.Buffer?.Dispose();
            block = new Block(CnnBufferHandle.Create(bytes, NativeHandleKind.Workspace), bytes);
        }

        return new ScratchRental(this, block);
    }

    /// <summary>Frees the memory; what is rented at the moment goes when it is given back.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            for (int i = 0; i < _count; i++)
            {
                _free[i].Buffer?.Dispose();
            }

            _count = 0;
        }
    }

    internal void Return(Block block)
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                if (_count == _free.Length)
                {
                    Array.Resize(ref _free, 2 * _count);
                }

                _free[_count++] = block;
                return;
            }
        }

        block.Buffer?.Dispose();
    }

    /// <summary>The smallest block that is large enough; else the largest, which wastes least when it grows; else none.</summary>
    private Block Take(long bytes)
    {
        lock (_gate)
        {
            if (_count == 0)
            {
                return default;
            }

            int best = 0;
            for (int i = 1; i < _count; i++)
            {
                long size = _free[i].Bytes, bestSize = _free[best].Bytes;
                if (bestSize < bytes ? size > bestSize : size >= bytes && size < bestSize)
                {
                    best = i;
                }
            }

            Block block = _free[best];
            _free[best] = _free[--_count];
            return block;
        }
    }

    internal readonly record struct Block(CnnBufferHandle? Buffer, long Bytes);
}

/// <summary>Memory of a <see cref="ScratchPool"/> for the time of one call.</summary>
internal ref struct ScratchRental
{
    private readonly ScratchPool.Block _block;
    private ScratchPool? _pool;

    internal ScratchRental(ScratchPool pool, ScratchPool.Block block)
    {
        _pool = pool;
        _block = block;
    }

    /// <summary>The memory; <see cref="CnnBufferHandle.None"/> where none was asked for.</summary>
    public readonly CnnBufferHandle Buffer => _block.Buffer ?? CnnBufferHandle.None;

    /// <summary>Gives the memory back. Calling it again does nothing.</summary>
    public void Dispose()
    {
        if (_block.Buffer is not null)
        {
            _pool?.Return(_block);
        }

        _pool = null;
    }
}
