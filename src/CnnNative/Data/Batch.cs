// A place in the loader's ring: tensors for a full batch, and views of their first rows for the smaller last batch of an epoch.
// It is lent to one consumer at a time, and says so when it is used after it went back.

namespace CnnNative;

/// <summary>Some samples as tensors, lent by a <see cref="DataEpoch"/> until the next batch is asked for.</summary>
public sealed class Batch : IDisposable, ISampleRows
{
    private readonly Tensor[] _inputs, _targets;
    private readonly int[] _indices;
    private Tensor[] _lastInputs = [], _lastTargets = [];
    private int _lastCount;
    private DataEpoch? _borrowedFrom;

    internal Batch(DataSchema schema, int size)
    {
        _inputs = [.. schema.Inputs.Select(field => Tensor.Zeros(WithBatch(size, field.Shape)))];
        _targets = [.. schema.Targets.Select(field => Tensor.Zeros(WithBatch(size, field.Shape)))];
        _indices = new int[size];
    }

    /// <summary>The number of samples: the batch size, or less in an epoch's last batch.</summary>
    public int Count { get; private set; }

    /// <summary>Which epoch, counted from 0.</summary>
    public int Epoch { get; private set; }

    /// <summary>Which batch of the epoch, counted from 0.</summary>
    public int Index { get; private set; }

    /// <summary>Samples of the epoch before this batch.</summary>
    public long Position { get; private set; }

    /// <summary>The inputs, batch first. They are the loader's: use them while the batch is lent and do not dispose
    /// them.</summary>
    /// <exception cref="ObjectDisposedException">The batch was given back.</exception>
    public IReadOnlyList<Tensor> Inputs => WhileLent(Count == _indices.Length ? _inputs : _lastInputs);

    /// <summary>The targets, batch first, as <see cref="Inputs"/>.</summary>
    /// <exception cref="ObjectDisposedException">The batch was given back.</exception>
    public IReadOnlyList<Tensor> Targets => WhileLent(Count == _indices.Length ? _targets : _lastTargets);

    /// <summary>The samples' indices in the data set.</summary>
    /// <exception cref="ObjectDisposedException">The batch was given back.</exception>
    public ReadOnlySpan<int> Indices => WhileLent(_indices).AsSpan(0, Count);

    int ISampleRows.InputCount => _inputs.Length;

    int ISampleRows.TargetCount => _targets.Length;

    /// <summary>The batch number that the memory is filled for, or -1. Guarded by the epoch's lock.</summary>
    internal int FilledAs { get; set; } = -1;

    /// <summary>Why it could not be filled.</summary>
    internal DataException? Error { get; set; }

    /// <summary>Gives the batch back before the next one is asked for. Calling it again does nothing.</summary>
    public void Dispose() => _borrowedFrom?.GiveBack();

    Span<float> ISampleRows.InputRow(int field, int row) => Row(_inputs[field], row);

    Span<float> ISampleRows.TargetRow(int field, int row) => Row(_targets[field], row);

    internal void Lend(DataEpoch epoch) => _borrowedFrom = epoch;

    internal void TakeBack() => _borrowedFrom = null;

    internal void Forget()
    {
        FilledAs = -1;
        Error = null;
    }

    /// <summary>Makes the batch one of these samples, before they are read.</summary>
    internal void Begin(int epoch, int index, long position, ReadOnlySpan<int> indices)
    {
        Epoch = epoch;
        Index = index;
        Position = position;
        Count = indices.Length;
        Error = null;
        indices.CopyTo(_indices);
        if (Count != _indices.Length && Count != _lastCount)
        {
            // Every epoch ends with as many, so these views are made once.
            DisposeAll(_lastInputs);
            DisposeAll(_lastTargets);
            _lastInputs = Array.ConvertAll(_inputs, tensor => tensor.Slice(0, Count));
            _lastTargets = Array.ConvertAll(_targets, tensor => tensor.Slice(0, Count));
            _lastCount = Count;
        }
    }

    /// <summary>All values of the first input, of the samples that the batch has.</summary>
    internal Span<float> FirstInput() => Rows(_inputs[0])[..(Count * (_inputs[0].ElementCount / _indices.Length))];

    internal void Free()
    {
        DisposeAll(_lastInputs);
        DisposeAll(_lastTargets);
        DisposeAll(_inputs);
        DisposeAll(_targets);
    }

    private static Shape WithBatch(int size, Shape shape)
    {
        if (shape.Rank == Shape.MaxRank)
        {
            throw new ShapeException(
                $"Batch: a sample is {shape}, expected at most {Shape.MaxRank - 1} dimensions beside the batch.");
        }

        return new Shape([size, .. shape.ToArray()]);
    }

    private static void DisposeAll(Tensor[] tensors) => Array.ForEach(tensors, tensor => tensor.Dispose());

    private Span<float> Row(Tensor tensor, int row)
    {
        int length = tensor.ElementCount / _indices.Length;
        return Rows(tensor).Slice(row * length, length);
    }

    /// <summary>The span outlives the access, but not the memory: the loader frees it after it has joined the workers.</summary>
    private static Span<float> Rows(Tensor tensor)
    {
        using TensorAccess access = tensor.Access();
        return access.Values;
    }

    private T WhileLent<T>(T value)
    {
        ObjectDisposedException.ThrowIf(_borrowedFrom is null, this);
        return value;
    }
}
