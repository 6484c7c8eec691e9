// Memory that is filled from a source when somebody first looks at it, or never. All tensors that were made of one another share
// it, so that they see the same elements whenever that happens.

namespace CnnNative;

/// <summary>The elements of a source, shared by the tensors that view them.</summary>
internal sealed class DeferredMemory(TensorSource source)
{
    private readonly Lock _gate = new();
    private TensorMemory? _loaded;
    private int _users;
    private bool _isClosed;

    /// <summary>The size of all elements.</summary>
    public long Bytes => source.Bytes;

    /// <summary>Where the elements can be read, as long as nobody has looked at them: later they may have been changed.</summary>
    public TensorSource? Pending
    {
        get
        {
            lock (_gate)
            {
                return _loaded is null ? source : null;
            }
        }
    }

    /// <summary>Notes one more tensor.</summary>
    public void Add()
    {
        lock (_gate)
        {
            _users++;
        }
    }

    /// <summary>Notes that a tensor is gone; with the last one the memory goes, and the source.</summary>
    public void Remove()
    {
        lock (_gate)
        {
            if (--_users == 0)
            {
                _loaded?.Dispose();
                Close();
            }
        }
    }

    /// <summary>Reads the elements now and ends the use of the source. Nobody reads from it meanwhile.</summary>
    public void Load()
    {
        lock (_gate)
        {
            _loaded ??= ReadAll();
            Close();
        }
    }

    /// <summary>A part of the elements, which are read now if they were not before.</summary>
    public TensorMemory View(long offset, long bytes)
    {
        lock (_gate)
        {
            _loaded ??= ReadAll();
            return _loaded.View(offset, bytes);
        }
    }

    private void Close()
    {
        if (!_isClosed)
        {
            _isClosed = true;
            source.Dispose();
        }
    }

    private TensorMemory ReadAll()
    {
        var memory = TensorMemory.Allocate(source.Bytes);
        try
        {
            using TensorAccess<byte> access = memory.Access<byte>();
            source.ReadAll(access.Values);
            return memory;
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }
}
