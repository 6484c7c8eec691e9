// The header of a safetensors file: eight bytes with its length, then JSON with the name, type, shape and place of each tensor.
// Format: https://huggingface.co/docs/safetensors (layout and its rules: no gap, no overlap, no name twice, at most 100 MB).

using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CnnNative.Files;

/// <summary>What a safetensors file says about its tensors.</summary>
/// <param name="Entries">The tensors in the order of the header, which need not be that of their elements.</param>
/// <param name="Metadata">The texts under __metadata__, in the order of the header.</param>
internal sealed record SafeTensorsHeader(
    IReadOnlyList<SafeTensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>The name that no tensor can have.</summary>
    public const string MetadataName = "__metadata__";

    /// <summary>Bytes before the header: its length.</summary>
    public const int PrefixLength = 8;

    private const int MaxLength = 100_000_000;

    /// <summary>Where the elements start is a multiple of this, for those who map the file into memory.</summary>
    private const int Alignment = 64;

    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The number of bytes after the header.</summary>
    public long DataLength => Entries.Count == 0 ? 0 : Entries.Max(entry => entry.End);

    /// <summary>Reads the header's bytes, its length among them, and nothing more.</summary>
    /// <exception cref="InvalidDataException">The stream is too short, or the length is not one.</exception>
    public static byte[] ReadBytes(Stream stream, string file)
    {
        Span<byte> prefix = stackalloc byte[PrefixLength];
        int found = stream.ReadAtLeast(prefix, PrefixLength, throwOnEndOfStream: false);
        if (found < PrefixLength)
        {
            throw new InvalidDataException(
                $"{file}: the file has {found} bytes, expected at least {PrefixLength} with the length of its header; it is cut "
                + "short.");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length is < 2 or > MaxLength)
        {
            throw new InvalidDataException(
                $"{file}: the header would have {length} bytes, expected 2 to {MaxLength}; it is not a safetensors file.");
        }

        if (stream.CanSeek && stream.Length - stream.Position < (long)length)
        {
            throw new InvalidDataException(
                $"{file}: the header has {length} bytes, but only {stream.Length - stream.Position} follow; it is cut short.");
        }

        byte[] bytes = new byte[PrefixLength + (int)length];
        prefix.CopyTo(bytes);
        if (stream.ReadAtLeast(bytes.AsSpan(PrefixLength), (int)length, throwOnEndOfStream: false) < (int)length)
            throw new InvalidDataException($"{file}: the file ends within its header; it is cut short.");
        return bytes;
    }

    /// <summary>Understands the bytes of a header.</summary>
    /// <exception cref="InvalidDataException">They break the rules of the format.</exception>
    public static SafeTensorsHeader Parse(ReadOnlySpan<byte> bytes, string file) =>
        new SafeTensorsHeaderReader(file).Read(bytes[PrefixLength..]);

    /// <summary>The bytes of a header, its length among them.</summary>
    /// <exception cref="ArgumentException">A name cannot be written, occurs twice, or the header becomes too large.</exception>
    public static byte[] Format(
        IReadOnlyList<SafeTensorsEntry> entries, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        using var stream = new MemoryStream();
        stream.SetLength(stream.Position = PrefixLength);

        // Only quotation marks, backslashes and control characters must be escaped in JSON.
        JsonWriterOptions options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(stream, options))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata);
            HashSet<string> names = new(StringComparer.Ordinal);
            foreach (SafeTensorsEntry entry in entries)
            {
                if (!names.Add(entry.Name))
                    throw new ArgumentException($"Two tensors have the name '{entry.Name}', expected a name for each.");
                WriteEntry(json, entry);
            }

            json.WriteEndObject();
        }

        while (stream.Length % Alignment != 0)
            stream.WriteByte((byte)' ');
        byte[] bytes = stream.ToArray();
        if (bytes.Length - PrefixLength > MaxLength)
        {
            throw new ArgumentException(
                $"The names and texts of the file need {bytes.Length - PrefixLength} bytes, expected at most {MaxLength}.");
        }

        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)(bytes.Length - PrefixLength));
        return bytes;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        bool any = false;
        foreach ((string key, string value) in metadata)
        {
            if (!any)
                json.WriteStartObject(MetadataName);
            any = true;
            json.WriteString(Checked(key), Checked(value));
        }

        if (any)
            json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, SafeTensorsEntry entry)
    {
        if (entry.Name == MetadataName)
            throw new ArgumentException($"A tensor has the name '{MetadataName}', which the format keeps for itself.");
        json.WriteStartObject(Checked(entry.Name));
        json.WriteString("dtype", entry.Type.SafeTensorsName());
        json.WriteStartArray("shape");
        foreach (long size in entry.Dimensions)
            json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(entry.Start);
        json.WriteNumberValue(entry.End);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The writer would silently replace half of a surrogate pair by a question mark.</summary>
    private static string Checked(string text)
    {
        try
        {
            _ = _strict.GetByteCount(text);
            return text;
        }
        catch (EncoderFallbackException error)
        {
            string at = error.Index.ToString(CultureInfo.InvariantCulture);
            throw new ArgumentException($"The text '{text}' has half of a surrogate pair at {at}; UTF-8 cannot hold it.", error);
        }
    }
}
