// What a model is besides its network: names of classes, and how pictures become inputs. ONNX has no place of its own for them
// but a list of texts by name, in which they stand as one JSON object; whoever does not know it reads past it.

using System.Text;
using System.Text.Json;
using CnnNative.Models;
using CnnNative.Onnx.Schema;

namespace CnnNative.Onnx.Writing;

internal static class ModelNotes
{
    private const string Key = "cnnnative";

    /// <summary>Adds what a model knows.</summary>
    public static void Write(Model model, ModelProto proto)
    {
        if (model.ClassNames is not null || model.Preprocessing is not null)
        {
            string text = JsonText.Write(json => ModelDocument.WriteNotes(json, model), indented: false);
            proto.MetadataProps.Add(new StringStringEntryProto { Key = Key, Value = text });
        }
    }

    /// <summary>Reads what a file says.</summary>
    /// <exception cref="CnnFormatException">It is not as it should be.</exception>
    public static (string[]? ClassNames, Preprocessing? Preprocessing) Read(OnnxModel model)
    {
        if (model.Proto.MetadataProps.FirstOrDefault(entry => entry.Key == Key)?.Value is not { } text)
        {
            return (null, null);
        }

        try
        {
            using JsonDocument document = JsonText.Parse(Encoding.UTF8.GetBytes(text));
            return ModelDocument.ReadNotes(document.RootElement);
        }
        catch (FormatException error)
        {
            throw new CnnFormatException($"{model.Name}: metadata '{Key}': {error.Message}", error);
        }
    }
}
