// A folder for one test, with files written plain or packed; it is gone afterwards.

using System.Buffers.Binary;
using System.IO.Compression;

namespace CnnNative.Tests.Data;

internal sealed class DataFolder : IDisposable
{
    public string FullName { get; } = Directory.CreateTempSubdirectory("cnn-data").FullName;

    // With the separators of this system, as whoever lists the folder finds it.
    public string PathOf(params ReadOnlySpan<string> parts) => Path.GetFullPath(Path.Combine([FullName, .. parts]));

    public string Write(string name, ReadOnlySpan<byte> content)
    {
        string path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public string Write(string name, string content) => Write(name, System.Text.Encoding.UTF8.GetBytes(content));

    public void Dispose() => Directory.Delete(FullName, recursive: true);

    /// <summary>An IDX file of unsigned bytes.</summary>
    public static byte[] Idx(int[] dimensions, ReadOnlySpan<byte> elements)
    {
        byte[] header = new byte[4 + 4 * dimensions.Length];
        header[2] = 8;
        header[3] = (byte)dimensions.Length;
        for (int i = 0; i < dimensions.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + 4 * i), dimensions[i]);
        return [.. header, .. elements];
    }

    public static byte[] Pack(ReadOnlySpan<byte> content)
    {
        using MemoryStream packed = new();
        using (GZipStream stream = new(packed, CompressionLevel.Optimal))
            stream.Write(content);
        return packed.ToArray();
    }

    public static float[] Input(IDataset dataset, int index)
    {
        SampleBuffer buffer = new(dataset.Schema);
        dataset.Read(index, buffer.Sample);
        return buffer.GetInput(0).ToArray();
    }
}
