// What the two formats of a history have in common: a line for each epoch, and a head that says what the lines hold.

namespace CnnNative;

internal abstract class HistoryFormat
{
    /// <summary>The format of a file's extension.</summary>
    /// <exception cref="ArgumentException">The extension is of neither.</exception>
    public static HistoryFormat Of(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".CSV" => new HistoryCsv(),
            ".JSONL" => new HistoryJsonLines(),
            _ => throw new ArgumentException(
                $"'{path}': the extension of a history is '{Path.GetExtension(path)}', expected .csv or .jsonl.", nameof(path)),
        };
    }

    /// <summary>What stands before the first line; a new epoch may only be appended while it stays the same.</summary>
    public abstract string Head(TrainingHistory history);

    /// <summary>The line of an epoch, with its end.</summary>
    public abstract string Line(TrainingHistory history, EpochRecord epoch);

    /// <summary>Reads a head and whole lines.</summary>
    /// <exception cref="InvalidDataException">They are not a history.</exception>
    public abstract IEnumerable<EpochRecord> Parse(string text, string path);

    public byte[] Format(TrainingHistory history) => System.Text.Encoding.UTF8.GetBytes(
        Head(history) + string.Concat(history.Select(epoch => Line(history, epoch))));

    protected static InvalidDataException Invalid(string path, int line, string reason, Exception? inner = null) =>
        new($"{path}, line {line}: {reason.TrimEnd('.')}.", inner);

    /// <summary>Epochs that fell out of order are a fault of the file here, and not of the caller.</summary>
    protected static EpochRecord Following(EpochRecord record, int before, string path, int line) => record.Epoch > before
        ? record
        : throw Invalid(path, line, $"epoch {record.Epoch} follows epoch {before}, expected a later one");
}
