// A history as JSON lines (https://jsonlines.org): an object for each epoch. JSON has no NaN and no infinity, so those are texts.

using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CnnNative;

internal sealed class HistoryJsonLines : HistoryFormat
{
    public override string Head(TrainingHistory history) => "";

    public override string Line(TrainingHistory history, EpochRecord epoch)
    {
        using var stream = new MemoryStream();
        JsonWriterOptions options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(stream, options))
        {
            json.WriteStartObject();
            json.WriteNumber("epoch", epoch.Epoch);
            json.WriteNumber("step", epoch.Step);
            WriteNumber(json, "learning_rate", epoch.LearningRate);
            WriteNumber(json, "seconds", epoch.Seconds);
            WriteNumber(json, "images_per_second", epoch.ImagesPerSecond);
            WriteMetrics(json, "train", epoch.Training);
            WriteMetrics(json, "val", epoch.Validation);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    public override IEnumerable<EpochRecord> Parse(string text, string path)
    {
        List<EpochRecord> epochs = [];
        int number = 0, before = int.MinValue;
        foreach (string line in text.Split('\n')[..^1])
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            epochs.Add(Following(Record(line, path, number), before, path, number));
            before = epochs[^1].Epoch;
        }

        return epochs;
    }

    private static EpochRecord Record(string line, string path, int number)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            JsonElement json = document.RootElement;
            return new EpochRecord
            {
                Epoch = json.GetProperty("epoch").GetInt32(),
                Step = json.GetProperty("step").GetInt64(),
                LearningRate = Number(json.GetProperty("learning_rate")),
                Seconds = Number(json.GetProperty("seconds")),
                ImagesPerSecond = Number(json.GetProperty("images_per_second")),
                Training = Metrics(json.GetProperty("train")),
                Validation = Metrics(json.GetProperty("val")),
            };
        }
        catch (Exception error)
            when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Invalid(path, number, $"the line is not an epoch of a history: {error.Message}", error);
        }
    }

    private static OrderedDictionary<string, double> Metrics(JsonElement json)
    {
        OrderedDictionary<string, double> metrics = [];
        foreach (JsonProperty property in json.EnumerateObject())
            metrics[property.Name] = Number(property.Value);
        return metrics;
    }

    private static double Number(JsonElement json) => json.ValueKind == JsonValueKind.String
        ? double.Parse(json.GetString()!, NumberStyles.Float, CultureInfo.InvariantCulture)
        : json.GetDouble();

    private static void WriteMetrics(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, double> metrics)
    {
        json.WriteStartObject(name);
        foreach ((string metric, double value) in metrics)
            WriteNumber(json, metric, value);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(name, value);
        else
            json.WriteString(name, value.ToString(CultureInfo.InvariantCulture));
    }
}
