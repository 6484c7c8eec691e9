// Files that grow while a network learns: the history for spreadsheets and programs, events for TensorBoard. They are begun at the
// end of the first epoch, so that a training that does not come so far leaves the files of an earlier one alone.

namespace CnnNative.Training;

/// <summary>Writes each epoch of a training to the files that its options ask for.</summary>
internal sealed class FitFiles : IDisposable
{
    private readonly FitOptions _options;
    private TrainingHistoryLog? _history;
    private TensorBoardWriter? _board;

    /// <summary>Makes the folders, because one that cannot be made is better found before the first epoch than after it.</summary>
    /// <exception cref="IOException">A folder cannot be made.</exception>
    public FitFiles(FitOptions options)
    {
        _options = options;
        if (options.HistoryPath is { } path && Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        if (options.TensorBoardFolder is { } board)
        {
            Directory.CreateDirectory(board);
        }
    }

    /// <summary>Adds an epoch.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="history">All epochs up to this one, those of an interrupted run before it included.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Add(EpochRecord epoch, TrainingHistory history)
    {
        if (_options.HistoryPath is { } path)
        {
            _history ??= new TrainingHistoryLog(path, new TrainingHistory(history.Where(record => record.Epoch < epoch.Epoch)));
            _history.Add(epoch);
        }

        if (_options.TensorBoardFolder is { } folder)
        {
            _board ??= new TensorBoardWriter(folder, _options.Resume ? epoch.Epoch : null);
            _board.Add(epoch);
        }
    }

    public void Dispose()
    {
        _history?.Dispose();
        _board?.Dispose();
    }
}
