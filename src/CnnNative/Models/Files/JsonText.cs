// JSON as text: how all of the project's documents are laid out, and how errors of the text itself are told.

using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CnnNative.Models;

internal static class JsonText
{
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonDocumentOptions Reading = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    /// <summary>The text that somebody writes, indented, or in one line.</summary>
    public static string Write(Action<Utf8JsonWriter> write, bool indented = true)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, Options with { Indented = indented }))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>A list in one line, of items that are JSON already.</summary>
    public static void WriteList(Utf8JsonWriter json, IEnumerable<string> items) =>
        json.WriteRawValue($"[{string.Join(", ", items)}]");

    /// <summary>A text as JSON.</summary>
    public static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, Options.Encoder)}\"";

    /// <summary>Reads a text; comments and commas too many are allowed, because people write such texts.</summary>
    /// <exception cref="FormatException">It is no JSON.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            return JsonDocument.Parse(utf8, Reading);
        }
        catch (JsonException error)
        {
            throw new FormatException($"the text is no JSON: {error.Message}", error);
        }
    }
}
