// One pass over the data. Workers take batch numbers in turn and fill the ring's batch of that number; the consumer takes them
// in order and gives each back before the next. Batch b always lies at b modulo the ring's length, so nothing is searched for.

namespace CnnNative;

/// <summary>The batches of an epoch, in order: <c>foreach (Batch batch in loader.Open(epoch))</c>.</summary>
/// <remarks>Each batch is lent until the next one is asked for. Use it from one thread; dispose it to end the workers.</remarks>
public sealed class DataEpoch : IDisposable
{
    private readonly object _gate = new();
    private readonly DataLoader _loader;
    private readonly Thread[] _threads;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _wakeUp;
    private Batch? _current;
    private int _nextToTake, _nextToFill, _givenBack;
    private volatile bool _closed;

    internal DataEpoch(DataLoader loader, int epoch, int startBatch, CancellationToken cancellation)
    {
        _loader = loader;
        _cancellation = cancellation;
        Epoch = epoch;
        _nextToTake = _nextToFill = _givenBack = startBatch;
        _threads = new Thread[startBatch == loader.BatchesPerEpoch ? 0 : loader.Options.Workers];
        if (_threads.Length > 0)
        {
            _wakeUp = cancellation.UnsafeRegister(static epoch => ((DataEpoch)epoch!).WakeAll(), this);
        }

        for (int i = 0; i < _threads.Length; i++)
        {
            BatchFiller filler = loader.Fillers[i];
            _threads[i] = new Thread(() => Work(filler)) { IsBackground = true, Name = $"CnnNative data {i}" };
            _threads[i].Start();
        }
    }

    /// <summary>Which epoch, counted from 0.</summary>
    public int Epoch { get; }

    /// <summary>The batch of the last <see cref="MoveNext"/> that gave one.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public Batch Current => _current ?? throw new InvalidOperationException(
        "DataEpoch: there is no current batch; call MoveNext.");

    /// <summary>Whether a worker need not go on.</summary>
    internal bool IsAbandoned => _closed || _cancellation.IsCancellationRequested;

    /// <summary>This object: it is its own enumerator.</summary>
    public DataEpoch GetEnumerator() => this;

    /// <summary>Gives the current batch back and waits for the next one.</summary>
    /// <returns>False at the end of the epoch.</returns>
    /// <exception cref="DataException">A sample of the next batch cannot be used; it says which one and why. The batches before
    /// it were given.</exception>
    /// <exception cref="OperationCanceledException">The epoch was cancelled.</exception>
    public bool MoveNext()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        GiveBack();
        _cancellation.ThrowIfCancellationRequested();
        if (_nextToTake == _loader.BatchesPerEpoch)
        {
            return false;
        }

        Batch batch = _loader.Ring[_nextToTake % _loader.Ring.Length];
        if (_threads.Length == 0)
        {
            _loader.Fillers[0].Fill(batch, this, _nextToTake);
        }
        else
        {
            WaitFor(batch);
        }

        _cancellation.ThrowIfCancellationRequested();
        if (batch.Error is not null)
        {
            throw batch.Error;
        }

        _nextToTake++;
        _current = batch;
        batch.Lend(this);
        return true;
    }

    /// <summary>Gives the current batch back and ends the workers. Calling it again does nothing.</summary>
    public void Dispose()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        _wakeUp.Dispose();
        WakeAll();
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        GiveBack();
        foreach (Batch batch in _loader.Ring)
        {
            batch.Forget();
        }

        _loader.Close(this);
    }

    internal void GiveBack()
    {
        if (_current is null)
        {
            return;
        }

        _current.TakeBack();
        _current = null;
        lock (_gate)
        {
            _givenBack++;
            Monitor.PulseAll(_gate);
        }
    }

    private void WaitFor(Batch batch)
    {
        lock (_gate)
        {
            while (batch.FilledAs != _nextToTake && !_cancellation.IsCancellationRequested)
            {
                Monitor.Wait(_gate);
            }
        }
    }

    private void Work(BatchFiller filler)
    {
        while (TakeNumber() is { } index)
        {
            filler.Fill(_loader.Ring[index % _loader.Ring.Length], this, index);
            lock (_gate)
            {
                _loader.Ring[index % _loader.Ring.Length].FilledAs = index;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>The next batch to fill, as soon as its memory is free; null when there is nothing left to do.</summary>
    private int? TakeNumber()
    {
        lock (_gate)
        {
            while (!IsAbandoned && _nextToFill < _loader.BatchesPerEpoch)
            {
                if (_nextToFill < _givenBack + _loader.Ring.Length)
                {
                    return _nextToFill++;
                }

                Monitor.Wait(_gate);
            }

            return null;
        }
    }

    private void WakeAll()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }
}
