// Lists of pictures as comma-separated values: a path and a label in each row.

using System.Text;

namespace CnnNative.Imaging;

internal static class ImageList
{
    private static readonly string[] _pathNames = ["path", "file", "filename", "image"];
    private static readonly string[] _labelNames = ["label", "class", "target"];

    public static ImageDataset Load(string path, ImageDatasetOptions? options, IReadOnlyList<string>? classNames)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string name = $"'{path}'", folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        List<(string Path, string Label, int Line)> rows = [];
        using (Stream stream = PackedFile.Open(path, out _))
        using (CsvReader reader = new(new StreamReader(stream, Encoding.UTF8), name))
        {
            int pathColumn = -1, labelColumn = -1;
            while (reader.ReadRow())
            {
                if (pathColumn < 0)
                {
                    pathColumn = Find(reader, _pathNames);
                    labelColumn = Find(reader, _labelNames);
                    if (pathColumn >= 0 && labelColumn >= 0)
                    {
                        continue;
                    }

                    (pathColumn, labelColumn) = (0, reader.Count - 1);
                }

                rows.Add(Row(reader, name, folder, pathColumn, labelColumn));
            }
        }

        if (rows.Count == 0)
        {
            throw new InvalidDataException($"{name}: the file has no rows, expected a path and a label in each.");
        }

        string[] classes = [.. classNames ?? CsvDataset.OrderClasses(rows.Select(row => row.Label))];
        return new ImageDataset([.. rows.Select(row => new LabeledImage(row.Path, Label(row, classes, name)))], classes, options);
    }

    private static int Find(CsvReader row, string[] names)
    {
        for (int i = 0; i < row.Count; i++)
        {
            if (names.Contains(row[i].Trim().ToString(), StringComparer.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    private static (string Path, string Label, int Line) Row(
        CsvReader row, string name, string folder, int pathColumn, int labelColumn)
    {
        if (row.Count < 2 || Math.Max(pathColumn, labelColumn) >= row.Count)
        {
            throw new InvalidDataException(
                $"{name}, line {row.Line}: the row has {row.Count} columns, expected a path and a label.");
        }

        string file = row[pathColumn].Trim().ToString(), label = row[labelColumn].Trim().ToString();
        if (file.Length == 0 || label.Length == 0)
        {
            throw new InvalidDataException($"{name}, line {row.Line}: the {(file.Length == 0 ? "path" : "label")} is empty.");
        }

        string full = Path.Combine(folder, file);
        return File.Exists(full)
            ? (full, label, row.Line)
            : throw new InvalidDataException($"{name}, line {row.Line}: there is no file '{full}'.");
    }

    private static int Label((string Path, string Label, int Line) row, string[] classes, string name)
    {
        int label = Array.IndexOf(classes, row.Label);
        return label >= 0
            ? label
            : throw new InvalidDataException(
                $"{name}, line {row.Line}: the label '{row.Label}' is none of the classes {string.Join(", ", classes)}.");
    }
}
