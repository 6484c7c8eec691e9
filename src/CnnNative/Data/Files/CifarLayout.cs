// Reads the files of a CIFAR data set from a folder or out of its archive. Sizes are known in advance, so nothing is allocated
// for a file that has another one.

using System.Formats.Tar;
using System.IO.Compression;

namespace CnnNative;

/// <summary>What the two data sets differ in. All training files together have five times as many pictures as the test
/// file.</summary>
internal sealed record CifarLayout(
    string Title, string ArchiveName, string Folder, int LabelBytes, IReadOnlyList<string> ClassNames, int Records,
    string[] TrainFiles, string TestFile)
{
    /// <summary>Pictures in a test file, and in each of CIFAR-10's training files.</summary>
    public const int RecordsPerFile = 10_000;

    private const int Plane = 32 * 32, Pixels = 3 * Plane;

    private int RecordBytes => LabelBytes + Pixels;

    private int TrainRecords => 5 * Records / TrainFiles.Length;

    public TrainTestSets Load(string path)
    {
        if (File.Exists(path))
        {
            return LoadArchive(path);
        }

        foreach (string folder in (ReadOnlySpan<string>)[path, Path.Combine(path, Folder)])
        {
            if (File.Exists(Path.Combine(folder, TestFile)))
            {
                return LoadFolder(folder);
            }
        }

        string archive = Path.Combine(path, ArchiveName);
        return File.Exists(archive)
            ? LoadArchive(archive)
            : throw new FileNotFoundException(
                $"{Title}: there is neither {ArchiveName} nor {TestFile} in '{path}'; download the data set there, or name the"
                + " folder that has it.", archive);
    }

    private TrainTestSets LoadFolder(string folder)
    {
        Part train = new(this, TrainFiles.Length * TrainRecords), test = new(this, Records);
        foreach (string name in (string[])[.. TrainFiles, TestFile])
        {
            string path = Path.Combine(folder, name);
            using Stream stream = PackedFile.Open(path, out long limit);
            Read(stream, limit, name, $"'{path}'", train, test);
        }

        return new TrainTestSets(train.ToDataset($"{Title} train"), test.ToDataset($"{Title} test"));
    }

    private TrainTestSets LoadArchive(string path)
    {
        Part train = new(this, TrainFiles.Length * TrainRecords), test = new(this, Records);
        var missing = new HashSet<string>(TrainFiles) { TestFile };
        try
        {
            using FileStream file = File.OpenRead(path);
            using GZipStream unpacked = new(file, CompressionMode.Decompress);
            using TarReader reader = new(unpacked);
            while (missing.Count > 0 && reader.GetNextEntry() is { } entry)
            {
                string name = Path.GetFileName(entry.Name);
                if (entry.DataStream is not null && missing.Remove(name))
                {
                    Read(entry.DataStream, entry.Length, name, $"'{path}': {name}", train, test);
                }
            }
        }
        catch (EndOfStreamException error)
        {
            throw new InvalidDataException($"'{path}': the archive ends before its last file; it is cut short.", error);
        }
        catch (InvalidDataException error) when (!error.Message.StartsWith('\''))
        {
            throw new InvalidDataException($"'{path}': the archive is corrupt ({error.Message.TrimEnd('.')}).", error);
        }

        return missing.Count == 0
            ? new TrainTestSets(train.ToDataset($"{Title} train"), test.ToDataset($"{Title} test"))
            : throw new InvalidDataException(
                $"'{path}': the archive has no file {missing.Order().First()}, expected the binary version of {Title}.");
    }

    private void Read(Stream stream, long length, string name, string title, Part train, Part test)
    {
        int index = Array.IndexOf(TrainFiles, name), records = index < 0 ? Records : TrainRecords;
        long expected = (long)records * RecordBytes;
        if (length != expected)
        {
            throw new InvalidDataException(
                $"{title} has {length} bytes, expected {expected}: {records} records of {RecordBytes} bytes.");
        }

        Part part = index < 0 ? test : train;
        var record = new byte[RecordBytes];
        for (int i = 0; i < records; i++)
        {
            PackedFile.Fill(stream, record, title, $"record {i}");
            if (record[LabelBytes - 1] >= ClassNames.Count)
            {
                throw new InvalidDataException(
                    $"{title}: the label of record {i} is {record[LabelBytes - 1]}, expected 0 to {ClassNames.Count - 1}.");
            }

            part.Set(Math.Max(index, 0) * TrainRecords + i, record);
        }
    }

    /// <summary>The pictures and labels of one part; memory is taken when the first record has been read.</summary>
    private sealed class Part(CifarLayout layout, int count)
    {
        private byte[] _pixels = [], _labels = [];

        public void Set(int index, ReadOnlySpan<byte> record)
        {
            if (_labels.Length == 0)
            {
                _pixels = GC.AllocateUninitializedArray<byte>(count * Pixels);
                _labels = new byte[count];
            }

            _labels[index] = record[layout.LabelBytes - 1];
            ReadOnlySpan<byte> planes = record[layout.LabelBytes..];
            Span<byte> pixels = _pixels.AsSpan(index * Pixels, Pixels);
            for (int i = 0; i < Plane; i++)
            {
                pixels[3 * i] = planes[i];
                pixels[3 * i + 1] = planes[Plane + i];
                pixels[3 * i + 2] = planes[2 * Plane + i];
            }
        }

        public TensorDataset ToDataset(string name) =>
            TensorDataset.FromBytes(_pixels, (32, 32, 3), _labels, layout.ClassNames, 255, name);
    }
}
