// Files that grow while a network learns: the history for spreadsheets and programs, events for TensorBoard. They are begun at
// the end of the first epoch, which is when a resumed training tells which epochs of an earlier run still count.

namespace CnnNative.Cli;

internal sealed class EpochFiles(string? historyPath, string? boardFolder, bool resume) : ITrainingCallback, IDisposable
{
    private TrainingHistoryLog? _history;
    private TensorBoardWriter? _board;

    public bool OnEpochEnd(EpochRecord epoch, Model model)
    {
        if (historyPath is not null)
        {
            _history ??= OpenHistory(historyPath, epoch.Epoch);
            _history.Add(epoch);
        }

        if (boardFolder is not null)
        {
            _board ??= new TensorBoardWriter(boardFolder, resume ? epoch.Epoch : null);
            _board.Add(epoch);
        }

        return true;
    }

    public void Dispose()
    {
        _history?.Dispose();
        _board?.Dispose();
    }

    private TrainingHistoryLog OpenHistory(string path, int epoch)
    {
        OutputPath.MakeFolderOf(path);
        TrainingHistory history = resume && File.Exists(path) ? TrainingHistory.Load(path) : new TrainingHistory();
        history.RemoveAfter(epoch - 1);
        return new TrainingHistoryLog(path, history);
    }
}
