// A history's file while training runs: a line is added and flushed for each epoch, so that a program that is killed loses at
// most the line it was writing, and others can follow the file.

using System.Text;

namespace CnnNative;

/// <summary>Writes a history to a file, epoch by epoch. One thread at a time may use it.</summary>
public sealed class TrainingHistoryLog : IDisposable
{
    private readonly string _path;
    private readonly HistoryFormat _format;
    private FileStream _stream;
    private string _head;

    /// <summary>Writes the epochs that there are, whole or not at all, and opens the file for more. An existing file is replaced:
    /// to go on with it, load it first, and remove the epochs after the checkpoint that training goes on from.</summary>
    /// <param name="path">The file; .csv, or .jsonl for JSON lines.</param>
    /// <param name="history">The history, to which the log adds.</param>
    /// <exception cref="ArgumentException">The extension is another one.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public TrainingHistoryLog(string path, TrainingHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        _format = HistoryFormat.Of(path);
        (_path, History) = (path, history);
        (_stream, _head) = Rewrite();
    }

    /// <summary>The history.</summary>
    public TrainingHistory History { get; }

    /// <summary>Adds an epoch to the history and to the file, and flushes it to the disk. A metric that is new makes a new
    /// column, for which a CSV file is written anew.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <exception cref="ArgumentException">Its number is not above that of the last one.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Add(EpochRecord epoch)
    {
        History.Add(epoch);
        if (_format.Head(History) != _head)
        {
            _stream.Dispose();
            (_stream, _head) = Rewrite();
            return;
        }

        _stream.Write(Encoding.UTF8.GetBytes(_format.Line(History, epoch)));
        _stream.Flush(flushToDisk: true);
    }

    /// <summary>Closes the file. Calling it again does nothing.</summary>
    public void Dispose() => _stream.Dispose();

    private (FileStream Stream, string Head) Rewrite()
    {
        History.Save(_path);
        var stream = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read | FileShare.Delete);
        return (stream, _format.Head(History));
    }
}
