// Pictures as rows of comma-separated pixels with a label, as Kaggle and scikit-learn pass digits around. Whole numbers up to 255
// stay bytes in memory; everything else becomes float32.

using System.Globalization;
using System.Text;

namespace CnnNative;

/// <summary>Reads pictures from comma-separated values, plain or gzip-compressed.</summary>
public static class CsvDataset
{
    /// <summary>Reads a file: a row is a picture, with a column for each pixel and one for the label.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What the file does not say; the defaults if null.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A row has another number of columns, a pixel is no finite number, a label is not
    /// one of the classes, or the pixels are not those of a picture; it says on which line.</exception>
    public static TensorDataset Read(string path, CsvOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new CsvOptions();
        string name = $"'{path}'";
        using Stream stream = PackedFile.Open(path, out _);
        using CsvReader reader = new(new StreamReader(stream, Encoding.UTF8), name);
        Table table = new(name, options);
        while (reader.ReadRow())
        {
            table.Add(reader);
        }

        return table.ToDataset(Path.GetFileName(path));
    }

    /// <summary>The names of classes that occur, in the order of their numbers.</summary>
    internal static string[] OrderClasses(IEnumerable<string> labels)
    {
        string[] distinct = [.. labels.Distinct(StringComparer.Ordinal)];
        Array.Sort(distinct, StringComparer.Ordinal);
        return Array.TrueForAll(distinct, label => long.TryParse(label, CultureInfo.InvariantCulture, out _))
            ? [.. distinct.OrderBy(label => long.Parse(label, CultureInfo.InvariantCulture))]
            : distinct;
    }

    /// <summary>The rows that were read so far.</summary>
    private sealed class Table(string name, CsvOptions options)
    {
        private readonly List<int> _labels = [], _lines = [];
        private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
        private readonly List<float> _values = [];
        private int _columns, _label = -1;

        public void Add(CsvReader row)
        {
            if (_columns == 0 && Begin(row))
            {
                return;
            }

            if (row.Count != _columns)
            {
                throw new InvalidDataException(
                    $"{name}, line {row.Line}: the row has {row.Count} columns, expected {_columns} as in the first one.");
            }

            if (_values.Count > options.MaxPixels - (_columns - 1))
            {
                throw new InvalidDataException($"{name}, line {row.Line}: the file has more than {options.MaxPixels} pixels.");
            }

            for (int i = 0; i < _columns; i++)
            {
                if (i != _label)
                {
                    _values.Add(Pixel(row, i));
                }
            }

            ReadOnlySpan<char> label = row[_label].Trim();
            var known = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
            if (!known.TryGetValue(label, out int number))
            {
                number = label.IsEmpty
                    ? throw new InvalidDataException($"{name}, line {row.Line}: the label is empty.")
                    : _numbers.Count;
                known[label] = number;
            }

            _labels.Add(number);
            _lines.Add(row.Line);
        }

        public TensorDataset ToDataset(string title)
        {
            if (_labels.Count == 0)
            {
                throw new InvalidDataException($"{name}: the file has no rows of pixels.");
            }

            Shape shape = options.Shape ?? Square();
            if (shape.Rank != 3 || shape.ElementCount != _columns - 1)
            {
                throw new InvalidDataException(
                    $"{name}: a row has {_columns - 1} pixels, expected {shape.ElementCount} for pictures of {shape}.");
            }

            string[] classes = [.. options.ClassNames ?? OrderClasses(_numbers.Keys)];
            float[] labels = Labels(classes);
            float divisor = options.Divisor ?? RangeOf(_values.Max());
            Column pixels = _values.TrueForAll(value => value is >= 0 and <= 255 && value == MathF.Floor(value))
                ? new ByteColumn("image", shape, _values.Select(value => (byte)value).ToArray(), divisor)
                : new FloatColumn("image", shape, _values.Select(value => value / divisor).ToArray());
            return new TensorDataset([pixels], [new FloatColumn("label", 1, labels)], classes, title);
        }

        /// <summary>The largest value of the kind of pixels, so that a file that happens to have none as bright is read like
        /// the others of its kind.</summary>
        private static float RangeOf(float largest) => largest switch
        {
            <= 1 => 1,
            <= 16 => 16,
            <= 255 => 255,
            <= 65535 => 65535,
            _ => largest,
        };

        /// <summary>Looks at the first row; true if it is a header.</summary>
        private bool Begin(CsvReader row)
        {
            _columns = row.Count;
            if (_columns < 2)
            {
                throw new InvalidDataException($"{name}, line {row.Line}: the row has one column, expected pixels and a label.");
            }

            int words = 0;
            for (int i = 0; i < _columns; i++)
            {
                words += float.TryParse(row[i], NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? 0 : 1;
            }

            // A label may be a word; two words or more are names of columns.
            bool header = words > 1;
            int named = header ? NamedColumn(row) : -1;
            if (named < 0 && options.LabelColumn is not null)
            {
                string found = header
                    ? string.Join(", ", Enumerable.Range(0, Math.Min(8, _columns)).Select(i => row[i].ToString()))
                    : "no header";
                throw new InvalidDataException($"{name}: there is no column '{options.LabelColumn}', found {found}.");
            }

            _label = named >= 0 ? named : options.LabelIndex.GetOffset(_columns);
            return (uint)_label < (uint)_columns
                ? header
                : throw new InvalidDataException(
                    $"{name}: there is no column {options.LabelIndex} for labels, the file has {_columns}.");
        }

        private int NamedColumn(CsvReader row)
        {
            foreach (string wanted in options.LabelColumn is { } given ? [given] : (string[])["label", "class", "target"])
            {
                for (int i = 0; i < row.Count; i++)
                {
                    if (row[i].Trim().Equals(wanted, StringComparison.OrdinalIgnoreCase))
                    {
                        return i;
                    }
                }
            }

            return -1;
        }

        private float Pixel(CsvReader row, int column) =>
            float.TryParse(row[column], NumberStyles.Float, CultureInfo.InvariantCulture, out float value)
            && float.IsFinite(value)
                ? value
                : throw new InvalidDataException(
                    $"{name}, line {row.Line}, column {column + 1}: '{row[column][..Math.Min(40, row[column].Length)]}' is no"
                    + " pixel, expected a finite number.");

        private Shape Square()
        {
            int side = (int)Math.Round(Math.Sqrt(_columns - 1));
            return side * side == _columns - 1
                ? (side, side, 1)
                : throw new InvalidDataException(
                    $"{name}: {_columns - 1} pixels are no gray square; say what shape the pictures have.");
        }

        private float[] Labels(string[] classes)
        {
            var numbers = new float[_numbers.Count];
            foreach ((string label, int first) in _numbers)
            {
                int number = Array.IndexOf(classes, label);
                numbers[first] = number >= 0
                    ? number
                    : throw new InvalidDataException(
                        $"{name}, line {_lines[_labels.IndexOf(first)]}: the label '{label}' is none of the classes"
                        + $" {string.Join(", ", classes)}.");
            }

            return [.. _labels.Select(label => numbers[label])];
        }
    }
}
