// The epochs of a training, and their files: CSV for spreadsheets, JSON lines for programs. Both give every number back exactly.

using System.Collections;

namespace CnnNative;

/// <summary>The epochs of a training, in rising order.</summary>
/// <remarks>Reading from several threads at once is safe; adding while others read is not.</remarks>
public sealed class TrainingHistory : IReadOnlyList<EpochRecord>
{
    private readonly List<EpochRecord> _epochs = [];

    /// <summary>Makes a history.</summary>
    /// <param name="epochs">Its epochs so far; null for none.</param>
    /// <exception cref="ArgumentException">The numbers of the epochs do not rise.</exception>
    public TrainingHistory(IEnumerable<EpochRecord>? epochs = null)
    {
        foreach (EpochRecord epoch in epochs ?? [])
            Add(epoch);
    }

    /// <summary>How many epochs there are.</summary>
    public int Count => _epochs.Count;

    /// <summary>The names of all metrics of training, in the order in which they first occur.</summary>
    public IReadOnlyList<string> TrainingNames => [.. _epochs.SelectMany(epoch => epoch.Training.Keys).Distinct()];

    /// <summary>The names of all metrics of validation, in the order in which they first occur.</summary>
    public IReadOnlyList<string> ValidationNames => [.. _epochs.SelectMany(epoch => epoch.Validation.Keys).Distinct()];

    /// <summary>An epoch by its position, from 0 on.</summary>
    /// <param name="index">The position.</param>
    public EpochRecord this[int index] => _epochs[index];

    /// <summary>Reads a file that <see cref="Save"/> or a <see cref="TrainingHistoryLog"/> wrote.</summary>
    /// <param name="path">The file; .csv, or .jsonl for JSON lines. A last line without its end is one that was being written
    /// when the program was stopped, and is left out.</param>
    /// <exception cref="ArgumentException">The extension is another one.</exception>
    /// <exception cref="InvalidDataException">The file is not a history. The message names the file, the line and the
    /// reason.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static TrainingHistory Load(string path)
    {
        HistoryFormat format = HistoryFormat.Of(path);
        string text = File.ReadAllText(path);
        return new TrainingHistory(format.Parse(text[..(text.LastIndexOf('\n') + 1)], path));
    }

    /// <summary>Adds an epoch.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <exception cref="ArgumentException">Its number is not above that of the last one.</exception>
    public void Add(EpochRecord epoch)
    {
        ArgumentNullException.ThrowIfNull(epoch);
        if (Count > 0 && epoch.Epoch <= _epochs[^1].Epoch)
            throw new ArgumentException($"Epoch {epoch.Epoch} was added after epoch {_epochs[^1].Epoch}.", nameof(epoch));
        _epochs.Add(epoch);
    }

    /// <summary>Forgets the epochs after one, as when training goes on from an earlier checkpoint.</summary>
    /// <param name="epoch">The number of the last epoch to keep.</param>
    public void RemoveAfter(int epoch) => _epochs.RemoveAll(record => record.Epoch > epoch);

    /// <summary>Writes a file, which appears whole or not at all.</summary>
    /// <param name="path">The file; .csv, or .jsonl for JSON lines.</param>
    /// <exception cref="ArgumentException">The extension is another one.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        HistoryFormat format = HistoryFormat.Of(path);
        AtomicFile.Write(path, stream => stream.Write(format.Format(this)));
    }

    /// <summary>The epochs, in order.</summary>
    public IEnumerator<EpochRecord> GetEnumerator() => _epochs.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
