// From a data set to batches. The loader owns what lasts over epochs - the ring of batches, the order, each worker's scratch
// memory - and an epoch borrows it. All chance comes from (seed, epoch, place), so neither threads nor timing change a bit.

namespace CnnNative;

/// <summary>Reads a data set in batches, epoch by epoch, in the background.</summary>
/// <remarks>One epoch can be open at a time. The order and every random choice depend on the seed, the epoch and the place in
/// the epoch only. After each batch's memory was used once, nothing is allocated per batch. Dispose it after its epochs; the
/// data set stays the caller's. Use it from one thread at a time.</remarks>
public sealed class DataLoader : IDisposable
{
    private const int MaxWorkers = 1024;

    private readonly Batch[] _ring;
    private readonly BatchFiller[] _fillers;
    private readonly int[] _order;
    private DataEpoch? _open;
    private bool _disposed;

    /// <summary>Prepares batches of a data set.</summary>
    /// <param name="dataset">The data.</param>
    /// <param name="options">How; the defaults if null.</param>
    /// <exception cref="ArgumentException">A batch is larger than the data set, an option is out of its range, or the
    /// augmentation or mixing does not fit the samples.</exception>
    public DataLoader(IDataset dataset, DataLoaderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        Dataset = dataset;
        Options = options ?? new DataLoaderOptions();
        Count = Options.Sampler?.Count ?? dataset.Count;
        Check();
        BatchesPerEpoch = Options.DropLast ? Count / Options.BatchSize : (Count - 1) / Options.BatchSize + 1;

        Schema = SchemaAfter(dataset.Schema);
        _order = new int[Count];
        _fillers = [.. Enumerable.Range(0, Math.Max(1, Options.Workers)).Select(_ => new BatchFiller(this))];
        int size = Options.Workers == 0 ? 1 : Math.Max(Options.Prefetch, Options.Workers) + 1;
        _ring = new Batch[Math.Min(size, BatchesPerEpoch)];
        for (int i = 0; i < _ring.Length; i++)
        {
            _ring[i] = new Batch(Schema, Options.BatchSize);
        }
    }

    /// <summary>The data.</summary>
    public IDataset Dataset { get; }

    /// <summary>The options.</summary>
    public DataLoaderOptions Options { get; }

    /// <summary>What each sample of a batch consists of: the data set's schema, as augmentation and mixing change it.</summary>
    public DataSchema Schema { get; }

    /// <summary>Samples that an epoch draws from, a last batch that is dropped included.</summary>
    public int Count { get; }

    /// <summary>Batches in an epoch.</summary>
    public int BatchesPerEpoch { get; }

    internal ReadOnlySpan<int> Order => _order;

    internal ReadOnlySpan<Batch> Ring => _ring;

    internal ReadOnlySpan<BatchFiller> Fillers => _fillers;

    /// <summary>Begins an epoch, or goes on in the middle of one after an interruption.</summary>
    /// <param name="epoch">Which epoch, counted from 0.</param>
    /// <param name="startBatch">The first batch to give, counted from 0; <see cref="BatchesPerEpoch"/> for none.</param>
    /// <param name="cancellationToken">Ends waiting for a batch with <see cref="OperationCanceledException"/>.</param>
    /// <returns>The batches; dispose it, which <c>foreach</c> does.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such epoch or batch.</exception>
    /// <exception cref="InvalidOperationException">Another epoch is still open.</exception>
    public DataEpoch Open(int epoch, int startBatch = 0, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(startBatch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(startBatch, BatchesPerEpoch);
        if (_open is not null)
        {
            throw new InvalidOperationException(
                $"DataLoader: epoch {_open.Epoch} is still open; dispose it before epoch {epoch} begins.");
        }

        FillOrder(epoch);
        _open = new DataEpoch(this, epoch, startBatch, cancellationToken);
        return _open;
    }

    /// <summary>Closes an open epoch and gives the memory of the batches back.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _open?.Dispose();
        foreach (Batch batch in _ring)
        {
            batch.Free();
        }
    }

    internal void Close(DataEpoch epoch)
    {
        if (_open == epoch)
        {
            _open = null;
        }
    }

    private void FillOrder(int epoch)
    {
        if (Options.Sampler is not null)
        {
            Options.Sampler.Draw(_order, Options.Seed, epoch);
            foreach (int index in _order)
            {
                if ((uint)index >= (uint)Dataset.Count)
                {
                    throw new ArgumentException(
                        $"DataLoader: the sampler drew sample {index}, the data set has {Dataset.Count}; they do not belong"
                        + " together.");
                }
            }

            return;
        }

        for (int i = 0; i < _order.Length; i++)
        {
            _order[i] = i;
        }

        if (Options.Shuffle)
        {
            var random = SampleRandom.ForOrder(Options.Seed, epoch);
            random.Shuffle(_order);
        }
    }

    private void Check()
    {
        int size = Options.BatchSize;
        if (size < 1 || size > Count)
        {
            throw new ArgumentException(
                $"DataLoader: the batch size is {size} and the data set has {Count} samples; expected 1 to {Count}.");
        }

        if (Options.Workers is < 0 or > MaxWorkers || Options.Prefetch is < 1 or > short.MaxValue)
        {
            throw new ArgumentException(
                $"DataLoader: there are {Options.Workers} workers and {Options.Prefetch} batches ahead;"
                + $" expected 0 to {MaxWorkers} workers and 1 to {short.MaxValue} batches.");
        }
    }

    private DataSchema SchemaAfter(DataSchema schema)
    {
        if (Options.Augmentation is not null)
        {
            DataField first = schema.Inputs[0];
            RequireStillTargets(schema, first.Shape);
            DataField changed = first with { Shape = Options.Augmentation.OutputShape(first.Shape) };
            schema = new DataSchema([changed, .. schema.Inputs.Skip(1)], schema.Targets, schema.ClassNames);
        }

        return Options.Mixing?.SchemaAfter(schema) ?? schema;
    }

    /// <summary>A mask or a picture to be learned is not moved with the input, and must not come apart from it.</summary>
    private void RequireStillTargets(DataSchema schema, Shape input)
    {
        AugmentationStep? moving = Options.Augmentation!.Steps.FirstOrDefault(step => step.MovesPixels);
        foreach (DataField target in schema.Targets)
        {
            bool isPicture = target.Shape.Rank >= 2 && input[0] > 1 && target.Shape[0] == input[0] && target.Shape[1] == input[1];
            if (isPicture && moving is not null)
            {
                throw new ArgumentException(
                    $"DataLoader: the target '{target.Name}' of {target.Shape} is a picture, which {moving.GetType().Name} would "
                    + "not move with its input; expected steps that leave pixels where they are.");
            }
        }
    }
}
