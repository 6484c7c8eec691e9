// The project's own files, models and checkpoints: a safetensors file that any tool can read, with JSON text and checksums in its
// metadata, so that a flipped bit anywhere is found before anything is used.

using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CnnNative.Files;

/// <summary>Tensors, whole numbers and bytes by name, with JSON text, in one file that is checked as a whole.</summary>
/// <remarks>
/// The metadata of the safetensors header has, in this order: "crc32c", the CRC-32C in hexadecimal of all bytes before the
/// elements, computed with zeros in the place of these eight digits; "format", what kind of file it is; "format_version", a whole
/// number; "content", the JSON text; "checksums", a JSON object with the CRC-32C of the elements of each tensor. A later version
/// keeps the first three, so that an earlier one can say that it is too old.
/// Whole numbers are tensors of the type I64 and bytes tensors of the type U8, of one dimension each.
/// </remarks>
internal sealed class TensorContainer : IDisposable
{
    private const string ZeroDigits = "00000000";

    private TensorContainer(int version, string content) => (Version, Content) = (version, content);

    /// <summary>The version of the format that the file was written in.</summary>
    public int Version { get; }

    /// <summary>The JSON text.</summary>
    public string Content { get; }

    /// <summary>The tensors, which the container owns.</summary>
    public TensorCollection Tensors { get; } = [];

    /// <summary>The whole numbers.</summary>
    public OrderedDictionary<string, long[]> Integers { get; } = new(StringComparer.Ordinal);

    /// <summary>The bytes.</summary>
    public OrderedDictionary<string, byte[]> Bytes { get; } = new(StringComparer.Ordinal);

    /// <summary>What a file starts with, up to the digits of its checksum.</summary>
    private static ReadOnlySpan<byte> Opening => "{\"__metadata__\":{\"crc32c\":\""u8;

    /// <summary>Writes a file whole, or leaves what was there. Nothing that is given changes hands.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">What kind of file it is.</param>
    /// <param name="version">The version of that format.</param>
    /// <param name="content">JSON text.</param>
    /// <param name="tensors">Tensors; names are not used twice, in none of the three groups.</param>
    /// <param name="integers">Whole numbers; null for none.</param>
    /// <param name="bytes">Bytes; null for none.</param>
    /// <exception cref="ArgumentException">A name occurs twice or cannot be written.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(
        string path, string format, int version, string content, IReadOnlyDictionary<string, Tensor> tensors,
        IReadOnlyDictionary<string, long[]>? integers = null, IReadOnlyDictionary<string, byte[]>? bytes = null)
    {
        Part[] parts = Describe(tensors, integers ?? new Dictionary<string, long[]>(), bytes ?? new Dictionary<string, byte[]>());
        SafeTensorsEntry[] entries = [.. parts.Select(part => part.Entry)];
        uint[] checksums = new uint[parts.Length];
        AtomicFile.Write(path, stream =>
        {
            // The header is as long with checksums as without, so it is written once more when they are known: of what was
            // written, and not of what the memory held before.
            stream.Write(FormatHeader(format, version, content, entries, checksums));
            var data = new ChecksumStream(stream, Crc32C.Append);
            for (int i = 0; i < parts.Length; i++)
            {
                data.Value = 0;
                parts[i].Write(data);
                checksums[i] = data.Value;
            }

            stream.Position = 0;
            stream.Write(FormatHeader(format, version, content, entries, checksums));
        });
    }

    /// <summary>Reads a file and checks all of it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">What kind of file is expected.</param>
    /// <param name="newestVersion">The newest version of that format that the caller understands.</param>
    /// <returns>What is in it; the caller disposes it.</returns>
    /// <exception cref="InvalidDataException">The file is another one, damaged, cut short or made by a newer version. The message
    /// names the file and what is wrong in it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static TensorContainer Read(string path, string format, int newestVersion)
    {
        using FileStream stream = File.OpenRead(path);
        byte[] bytes = SafeTensorsHeader.ReadBytes(stream, path);
        CheckHeader(bytes, path, format);
        var header = SafeTensorsHeader.Parse(bytes, path);
        int version = CheckVersion(header.Metadata, path, format, newestVersion);
        SafeTensorsData.CheckLength(stream, header, path);
        string content = Text(header, "content", path);
        Dictionary<string, uint> checksums = ParseChecksums(Text(header, "checksums", path), path);
        var container = new TensorContainer(version, content);
        try
        {
            var data = new ChecksumStream(stream, Crc32C.Append);
            foreach (SafeTensorsEntry entry in header.Entries.OrderBy(entry => entry.Start).ThenBy(entry => entry.End))
            {
                data.Value = 0;
                container.ReadEntry(data, entry, path);
                if (!checksums.TryGetValue(entry.Name, out uint expected) || expected != data.Value)
                {
                    throw new InvalidDataException(
                        $"{path}: '{entry.Name}' is damaged: its checksum is {data.Value:x8}, expected {expected:x8}.");
                }
            }

            return container;
        }
        catch
        {
            container.Dispose();
            throw;
        }
    }

    /// <summary>Disposes the tensors, except those that were taken out.</summary>
    public void Dispose() => Tensors.Dispose();

    private void ReadEntry(Stream stream, SafeTensorsEntry entry, string path)
    {
        switch (entry.Type)
        {
            case ElementType.Float32:
                Tensors.Add(entry.Name, SafeTensorsData.ReadTensor(stream, entry, path));
                break;
            case ElementType.Int64:
                Integers.Add(entry.Name, ToIntegers(ReadBytes(stream, entry, path)));
                break;
            case ElementType.UInt8:
                Bytes.Add(entry.Name, ReadBytes(stream, entry, path));
                break;
            default:
                throw new InvalidDataException(
                    $"{path}: '{entry.Name}' has elements of the type {entry.Type.SafeTensorsName()}, expected F32, I64 or U8.");
        }
    }

    private static string Text(SafeTensorsHeader header, string key, string path) =>
        header.Metadata.TryGetValue(key, out string? text)
            ? text
            : throw new InvalidDataException($"{path}: the header lacks '{key}'.");

    private static byte[] ReadBytes(Stream stream, SafeTensorsEntry entry, string path)
    {
        if (entry.ByteCount > Array.MaxLength)
        {
            throw new InvalidDataException(
                $"{path}: '{entry.Name}' has {entry.ByteCount} bytes, expected at most {Array.MaxLength}.");
        }

        byte[] bytes = new byte[entry.ByteCount];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>What is written, the widest elements first, so that all lie where their size asks for.</summary>
    private static Part[] Describe(
        IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, long[]> integers,
        IReadOnlyDictionary<string, byte[]> bytes)
    {
        long end = 0;
        List<Part> parts = [];
        foreach ((string name, long[] values) in integers)
            parts.Add(Blob(name, ElementType.Int64, ToBytes(values)));
        foreach ((string name, Tensor tensor) in tensors)
            parts.Add(new Part(SafeTensorsData.Describe(name, tensor, ref end), stream => SafeTensorsData.Write(stream, tensor)));
        foreach ((string name, byte[] data) in bytes)
            parts.Add(Blob(name, ElementType.UInt8, data));
        return [.. parts];

        Part Blob(string name, ElementType type, byte[] data)
        {
            long start = end;
            end += data.Length;
            return new Part(
                new SafeTensorsEntry(name, type, [data.Length / type.Size()], start, end), stream => stream.Write(data));
        }
    }

    private static byte[] FormatHeader(
        string format, int version, string content, SafeTensorsEntry[] entries, uint[] checksums)
    {
        byte[] header = SafeTensorsHeader.Format(entries,
        [
            new("crc32c", ZeroDigits),
            new("format", format),
            new("format_version", version.ToString(CultureInfo.InvariantCulture)),
            new("content", content),
            new("checksums", FormatChecksums(entries, checksums)),
        ]);
        string digits = Crc32C.Compute(header).ToString("x8", CultureInfo.InvariantCulture);
        Encoding.ASCII.GetBytes(digits, header.AsSpan(SafeTensorsHeader.PrefixLength + Opening.Length));
        return header;
    }

    private static void CheckHeader(byte[] header, string path, string format)
    {
        ReadOnlySpan<byte> json = header.AsSpan(SafeTensorsHeader.PrefixLength);
        if (!json.StartsWith(Opening) || json.Length < Opening.Length + ZeroDigits.Length)
        {
            throw new InvalidDataException(
                $"{path}: the file does not start like a '{format}' file; it is another one, or its first bytes are damaged.");
        }

        Span<byte> digits = header.AsSpan(SafeTensorsHeader.PrefixLength + Opening.Length, ZeroDigits.Length);
        string expected = Encoding.Latin1.GetString(digits);
        Encoding.ASCII.GetBytes(ZeroDigits, digits);
        string found = Crc32C.Compute(header).ToString("x8", CultureInfo.InvariantCulture);
        if (found != expected)
            throw new InvalidDataException($"{path}: the header is damaged: its checksum is {found}, expected '{expected}'.");
    }

    private static int CheckVersion(IReadOnlyDictionary<string, string> metadata, string path, string format, int newestVersion)
    {
        string found = metadata.GetValueOrDefault("format", "");
        if (found != format)
            throw new InvalidDataException($"{path}: the file is of the kind '{found}', expected '{format}'.");
        string text = metadata.GetValueOrDefault("format_version", "");
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int version) || version < 1)
            throw new InvalidDataException($"{path}: the version of the file is '{text}', expected a whole number from 1 on.");
        return version <= newestVersion
            ? version
            : throw new InvalidDataException(
                $"{path}: the file was made by a newer version: its format '{format}' is {version}, this one reads up to "
                + $"{newestVersion}.");
    }

    private static string FormatChecksums(SafeTensorsEntry[] entries, uint[] checksums)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            for (int i = 0; i < entries.Length; i++)
                json.WriteString(entries[i].Name, checksums[i].ToString("x8", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static Dictionary<string, uint> ParseChecksums(string text, string path)
    {
        Dictionary<string, uint> checksums = new(StringComparer.Ordinal);
        try
        {
            using var json = JsonDocument.Parse(text);
            foreach (JsonProperty property in json.RootElement.EnumerateObject())
            {
                string digits = property.Value.GetString() ?? "";
                checksums[property.Name] = uint.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            }

            return checksums;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new InvalidDataException($"{path}: the checksums in the header cannot be read: {error.Message}", error);
        }
    }

    private static byte[] ToBytes(long[] values)
    {
        byte[] bytes = new byte[values.Length * sizeof(long)];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), values[i]);
        return bytes;
    }

    private static long[] ToIntegers(byte[] bytes)
    {
        long[] values = new long[bytes.Length / sizeof(long)];
        for (int i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i * sizeof(long)));
        return values;
    }

    /// <summary>A tensor or what is stored like one, and what writes its elements.</summary>
    private readonly record struct Part(SafeTensorsEntry Entry, Action<Stream> Write);
}
