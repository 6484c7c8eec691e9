// A history as CSV (RFC 4180): a head with the names of the columns, a comma between cells, quotation marks where a name needs
// them. A metric that an epoch lacks is an empty cell.

using System.Globalization;
using System.Text;

namespace CnnNative;

internal sealed class HistoryCsv : HistoryFormat
{
    private const string TrainingPrefix = "train_", ValidationPrefix = "val_";

    private static readonly string[] _fixed = ["epoch", "step", "learning_rate", "seconds", "images_per_second"];

    public override string Head(TrainingHistory history) => Join(
    [
        .. _fixed, .. history.TrainingNames.Select(name => TrainingPrefix + name),
        .. history.ValidationNames.Select(name => ValidationPrefix + name),
    ]);

    public override string Line(TrainingHistory history, EpochRecord epoch) => Join(
    [
        epoch.Epoch.ToString(CultureInfo.InvariantCulture), epoch.Step.ToString(CultureInfo.InvariantCulture),
        Text(epoch.LearningRate), Text(epoch.Seconds), Text(epoch.ImagesPerSecond),
        .. history.TrainingNames.Select(name => Text(epoch.Training, name)),
        .. history.ValidationNames.Select(name => Text(epoch.Validation, name)),
    ]);

    public override IEnumerable<EpochRecord> Parse(string text, string path)
    {
        List<EpochRecord> epochs = [];
        string[] head = [];
        int number = 0, before = int.MinValue;
        foreach (string line in text.Split('\n')[..^1])
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) && number > 1)
                continue;
            string[] cells = Split(line.TrimEnd('\r'), path, number);
            if (number == 1)
            {
                head = Checked(cells, path);
                continue;
            }

            if (cells.Length != head.Length)
                throw Invalid(path, number, $"there are {cells.Length} cells, expected {head.Length}");
            epochs.Add(Following(Record(head, cells, path, number), before, path, number));
            before = epochs[^1].Epoch;
        }

        return epochs;
    }

    private static string[] Checked(string[] head, string path)
    {
        if (!head.AsSpan().StartsWith(_fixed))
            throw Invalid(path, 1, $"the columns are not those of a history, which begin with {string.Join(',', _fixed)}");
        for (int i = _fixed.Length; i < head.Length; i++)
        {
            if (!head[i].StartsWith(TrainingPrefix, StringComparison.Ordinal)
                && !head[i].StartsWith(ValidationPrefix, StringComparison.Ordinal))
            {
                throw Invalid(path, 1, $"the column '{head[i]}' begins with neither {TrainingPrefix} nor {ValidationPrefix}");
            }

            if (Array.IndexOf(head, head[i]) < i)
                throw Invalid(path, 1, $"the column '{head[i]}' occurs twice");
        }

        return head;
    }

    private static EpochRecord Record(string[] head, string[] cells, string path, int line)
    {
        OrderedDictionary<string, double> training = [], validation = [];
        for (int i = _fixed.Length; i < cells.Length; i++)
        {
            if (cells[i].Length == 0)
                continue;
            if (head[i].StartsWith(TrainingPrefix, StringComparison.Ordinal))
                training.Add(head[i][TrainingPrefix.Length..], Number(i));
            else
                validation.Add(head[i][ValidationPrefix.Length..], Number(i));
        }

        return new EpochRecord
        {
            Epoch = Whole(0) is var epoch && epoch == (int)epoch ? (int)epoch : throw Bad(0, "the number of an epoch"),
            Step = Whole(1),
            LearningRate = Number(2),
            Seconds = Number(3),
            ImagesPerSecond = Number(4),
            Training = training,
            Validation = validation,
        };

        long Whole(int i) => long.TryParse(cells[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw Bad(i, "a whole number");

        double Number(int i) => double.TryParse(cells[i], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw Bad(i, "a number");

        InvalidDataException Bad(int i, string expected) =>
            Invalid(path, line, $"the column '{head[i]}' is '{cells[i]}', expected {expected}");
    }

    private static string Join(IEnumerable<string> cells) => string.Join(',', cells.Select(Quoted)) + "\n";

    /// <summary>Names with line ends would make a line of their own, so those become spaces.</summary>
    private static string Quoted(string cell)
    {
        string line = cell.ReplaceLineEndings(" ");
        return line.AsSpan().ContainsAny(',', '"') ? $"\"{line.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : line;
    }

    private static string[] Split(string line, string path, int number)
    {
        List<string> cells = [];
        var cell = new StringBuilder();
        bool isQuoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            bool isMark = line[i] == '"';
            if (isMark && isQuoted && i + 1 < line.Length && line[i + 1] == '"')
                cell.Append(line[i++]);
            else if (isMark)
                isQuoted = !isQuoted;
            else if (line[i] == ',' && !isQuoted)
                Next();
            else
                cell.Append(line[i]);
        }

        if (isQuoted)
            throw Invalid(path, number, "a quotation mark is not closed");
        Next();
        return [.. cells];

        void Next()
        {
            cells.Add(cell.ToString());
            cell.Clear();
        }
    }

    private static string Text(IReadOnlyDictionary<string, double> metrics, string name) =>
        metrics.TryGetValue(name, out double value) ? Text(value) : "";

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
