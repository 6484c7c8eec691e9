// What a model is besides its weights, as JSON: the graph, the names of classes, and how pictures become inputs. A .cnn file
// carries it in its metadata; by itself it is a description that can be trained.

using System.Text.Json;

namespace CnnNative.Models;

internal static class ModelDocument
{
    /// <summary>What kind of file a .cnn file says it is.</summary>
    public const string FileFormat = "cnn-model";

    /// <summary>The version of .cnn files that are written.</summary>
    public const int FileVersion = 1;

    /// <summary>Writes the document.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="model">The model.</param>
    /// <param name="withConstants">Whether the elements of constants are written too.</param>
    public static void Write(Utf8JsonWriter json, Model model, bool withConstants)
    {
        json.WriteStartObject();
        json.WriteString("producer", $"CnnNative {CnnRuntime.Version}");
        WriteNoteFields(json, model);
        json.WritePropertyName("graph");
        new GraphWriter(json, model.Graph, withConstants).Write();
        json.WriteEndObject();
    }

    /// <summary>Writes what a model knows besides its graph, for files that have the graph in another form.</summary>
    public static void WriteNotes(Utf8JsonWriter json, Model model)
    {
        json.WriteStartObject();
        WriteNoteFields(json, model);
        json.WriteEndObject();
    }

    /// <summary>Reads what <see cref="WriteNotes"/> wrote.</summary>
    /// <exception cref="FormatException">Something is not as it should be.</exception>
    public static (string[]? ClassNames, Preprocessing? Preprocessing) ReadNotes(JsonElement root)
    {
        JsonFields fields = new(root, "model");
        var notes = ReadNoteFields(fields);
        fields.RequireNoOthers();
        return notes;
    }

    /// <summary>Reads a document.</summary>
    /// <param name="root">The document.</param>
    /// <param name="read">Reads the graph.</param>
    /// <exception cref="FormatException">Something is not as it should be.</exception>
    public static Model Read(JsonElement root, Func<JsonElement, Graph> read)
    {
        JsonFields fields = new(root, "model");
        fields.OptionalText("producer");
        (string[]? classes, Preprocessing? preprocessing) = ReadNoteFields(fields);
        JsonElement graph = fields.Required("graph");
        fields.RequireNoOthers();
        return new Model(read(graph)) { ClassNames = classes, Preprocessing = preprocessing };
    }

    private static void WriteNoteFields(Utf8JsonWriter json, Model model)
    {
        if (model.ClassNames is { } classes)
        {
            json.WritePropertyName("class_names");
            JsonText.WriteList(json, classes.Select(JsonText.Quote));
        }

        if (model.Preprocessing is { } preprocessing)
        {
            json.WritePropertyName("preprocessing");
            Write(json, preprocessing);
        }
    }

    private static (string[]? ClassNames, Preprocessing? Preprocessing) ReadNoteFields(JsonFields fields) => (
        fields.Optional("class_names") is null ? null : ReadClassNames(fields),
        fields.Optional("preprocessing") is { } element ? ReadPreprocessing(element) : null);

    private static string[] ReadClassNames(JsonFields fields) =>
    [
        .. fields.Array("class_names").Select(item => item.ValueKind == JsonValueKind.String
            ? item.GetString()!
            : throw fields.Error($"'class_names' has {AttributeJson.Described(item)}, expected texts.")),
    ];

    private static void Write(Utf8JsonWriter json, Preprocessing preprocessing)
    {
        json.WriteStartObject();
        json.WritePropertyName("size");
        JsonText.WriteList(json, [$"{preprocessing.Size.Height}", $"{preprocessing.Size.Width}"]);
        json.WriteString("color", preprocessing.Color.ToString().ToLowerInvariant());
        json.WriteString("fit", preprocessing.Fit.ToString().ToLowerInvariant());
        json.WriteNumber("crop_fraction", preprocessing.CropFraction);
        json.WriteNumber("scale", preprocessing.Scale);
        WriteNumbers(json, "mean", preprocessing.Mean);
        WriteNumbers(json, "deviation", preprocessing.Deviation);
        json.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IReadOnlyList<float> values)
    {
        json.WritePropertyName(name);
        JsonText.WriteList(json, values.Select(value => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static Preprocessing ReadPreprocessing(JsonElement element)
    {
        JsonFields fields = new(element, "preprocessing");
        int[] size = [.. fields.Array("size").Select(item => fields.Size("size", item))];
        if (size.Length != 2)
        {
            throw fields.Error($"'size' has {size.Length} numbers, expected height and width.");
        }

        Preprocessing read = new()
        {
            Size = (size[0], size[1]),
            Color = fields.Choice("color", ColorOrder.Rgb),
            Fit = fields.Choice("fit", PictureFit.Stretch),
            CropFraction = fields.Number("crop_fraction", 1f),
            Scale = fields.Number("scale", 1f / 255f),
            Mean = ReadNumbers(fields, "mean"),
            Deviation = ReadNumbers(fields, "deviation"),
        };
        fields.RequireNoOthers();
        return read.CropFraction is > 0 and <= 1
            ? read
            : throw fields.Error($"'crop_fraction' is {read.CropFraction}, expected above 0 and at most 1.");
    }

    private static float[] ReadNumbers(JsonFields fields, string name) =>
        fields.Optional(name) is null ? [] : [.. fields.Array(name).Select(item => fields.Number(name, item))];
}
