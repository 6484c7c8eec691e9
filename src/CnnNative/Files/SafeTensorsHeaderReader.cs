// Reads the JSON of a safetensors header, which comes from strangers: every rule of the format is checked here, once, so that
// what reads the elements may rely on their places.

using System.Globalization;
using System.Text.Json;

namespace CnnNative.Files;

internal sealed class SafeTensorsHeaderReader(string file)
{
    private readonly List<SafeTensorsEntry> _entries = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, string> _metadata = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">The header breaks the rules of the format.</exception>
    public SafeTensorsHeader Read(ReadOnlySpan<byte> json)
    {
        if (json[0] != (byte)'{')
            throw Invalid("the header does not start with '{'; it is not a safetensors file");

        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                ReadMember(ref reader);

            // Nothing but spaces may follow: the reader throws otherwise.
            reader.Read();
        }
        catch (JsonException error)
        {
            throw Invalid($"the header is not the JSON that the format asks for: {error.Message}", error);
        }
        catch (InvalidOperationException error)
        {
            throw Invalid("a name or text in the header is not valid UTF-8 or has half of a surrogate pair", error);
        }

        CheckPlaces();
        return new SafeTensorsHeader(_entries, _metadata);
    }

    private void ReadMember(ref Utf8JsonReader reader)
    {
        string name = reader.GetString()!;
        if (!_names.Add(name))
            throw Invalid($"the name '{name}' occurs twice");
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Invalid($"'{name}' is not an object");
        if (name == SafeTensorsHeader.MetadataName)
            ReadMetadata(ref reader);
        else
            ReadEntry(ref reader, name);
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw Invalid($"the metadata '{key}' is not a text");
            if (!_metadata.TryAdd(key, reader.GetString()!))
                throw Invalid($"the metadata '{key}' occurs twice");
        }
    }

    private void ReadEntry(ref Utf8JsonReader reader, string name)
    {
        ElementType? type = null;
        long[]? dimensions = null, places = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string field = reader.GetString()!;
            reader.Read();
            switch (field)
            {
                case "dtype" when type is null:
                    type = ReadType(ref reader, name);
                    break;
                case "shape" when dimensions is null:
                    dimensions = ReadWholeNumbers(ref reader, name, field);
                    break;
                case "data_offsets" when places is null:
                    places = ReadWholeNumbers(ref reader, name, field);
                    break;
                default:
                    throw Invalid($"tensor '{name}' has the field '{field}' twice or for no purpose");
            }
        }

        if (type is null || dimensions is null || places is not { Length: 2 })
            throw Invalid($"tensor '{name}' lacks its dtype, its shape, or the two numbers of its data_offsets");
        _entries.Add(CheckSize(new SafeTensorsEntry(name, type.Value, dimensions, places[0], places[1])));
    }

    private ElementType ReadType(ref Utf8JsonReader reader, string name)
    {
        string? text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return ElementTypes.FromSafeTensors(text) ?? throw Invalid(
            $"tensor '{name}' has elements of the type '{text}', expected F32, F64, F16, BF16, BOOL, I8 to I64, U8 to U64");
    }

    private long[] ReadWholeNumbers(ref Utf8JsonReader reader, string name, string field)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Invalid($"the {field} of tensor '{name}' is not an array");
        List<long> values = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long value) || value < 0)
                throw Invalid($"the {field} of tensor '{name}' has something else than whole numbers from 0 to 2^63 - 1");
            values.Add(value);
        }

        return [.. values];
    }

    private SafeTensorsEntry CheckSize(SafeTensorsEntry entry)
    {
        // An empty tensor may have other dimensions of any size.
        Int128 bytes = Array.Exists(entry.Dimensions, size => size == 0) ? 0 : entry.Type.Size();
        foreach (long size in entry.Dimensions)
            bytes = bytes > long.MaxValue ? bytes : bytes * size;
        return bytes == entry.End - (Int128)entry.Start
            ? entry
            : throw Invalid(
                $"tensor '{entry.Name}' lies from byte {entry.Start} to {entry.End}, but its shape and type ask "
                + $"for {Text(bytes)} bytes");
    }

    /// <summary>One after the other, without gap or overlap.</summary>
    private void CheckPlaces()
    {
        long end = 0;
        string before = "the first byte";
        foreach (SafeTensorsEntry entry in _entries.OrderBy(entry => entry.Start).ThenBy(entry => entry.End))
        {
            if (entry.Start != end)
            {
                throw Invalid(
                    $"tensor '{entry.Name}' starts at byte {entry.Start}, expected {end}: there is "
                    + $"{(entry.Start < end ? "an overlap with" : "a gap after")} {before}");
            }

            end = entry.End;
            before = $"tensor '{entry.Name}'";
        }
    }

    private static string Text(Int128 bytes) =>
        bytes > long.MaxValue ? "more than 2^63" : bytes.ToString(CultureInfo.InvariantCulture);

    private InvalidDataException Invalid(string reason, Exception? inner = null) => new($"{file}: {reason}.", inner);
}
