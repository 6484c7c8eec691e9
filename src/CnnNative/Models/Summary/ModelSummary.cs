// What a model consists of, layer by layer, and what it takes: the first question about any network, answered before it runs.

using System.Text.Json;
using CnnNative.Models;

namespace CnnNative;

/// <summary>The layers of a model with their costs, and the memory that the whole needs.</summary>
public sealed record ModelSummary
{
    /// <summary>The layers, in the order in which they run.</summary>
    public required IReadOnlyList<SummaryRow> Rows { get; init; }

    /// <summary>The inputs of the model.</summary>
    public required IReadOnlyList<GraphInput> Inputs { get; init; }

    /// <summary>Samples in a batch, for the memory of runs.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Elements of weights and biases that training changes.</summary>
    public required long TrainedParameters { get; init; }

    /// <summary>Elements of running statistics.</summary>
    public required long Statistics { get; init; }

    /// <summary>Bytes of all parameters, statistics and constants.</summary>
    public required long ParameterBytes { get; init; }

    /// <summary>Bytes in which the layers of a batch work when it predicts, where results share memory.</summary>
    public required long InferenceBytes { get; init; }

    /// <summary>Bytes in which the layers of a batch work when it is trained, with the gradients of their results.</summary>
    public required long TrainingBytes { get; init; }

    /// <summary>Bytes of the gradients of parameters. An optimiser keeps as much again for each of its averages.</summary>
    public required long GradientBytes { get; init; }

    /// <summary>Elements of weights and biases.</summary>
    public long Parameters => Rows.Sum(row => row.Parameters);

    /// <summary>Multiply-accumulates for one sample.</summary>
    public long MultiplyAccumulates => Rows.Sum(row => row.MultiplyAccumulates);

    /// <summary>Bytes of all results for one sample, each in a place of its own.</summary>
    public long ActivationBytes => Rows.Sum(row => row.ActivationBytes);

    /// <summary>Bytes for predictions of a batch: parameters and results.</summary>
    public long InferenceTotal => ParameterBytes + InferenceBytes;

    /// <summary>Bytes for the training of a batch: parameters, gradients and results, without the optimiser's.</summary>
    public long TrainingTotal => ParameterBytes + GradientBytes + TrainingBytes;

    /// <summary>A table for a terminal, and the totals below it.</summary>
    public override string ToString() => SummaryText.Plain(this);

    /// <summary>The same as Markdown.</summary>
    public string ToMarkdown() => SummaryText.Markdown(this);

    /// <summary>The same as JSON; memory in bytes.</summary>
    public string ToJson() => JsonText.Write(WriteJson);

    /// <summary>Writes the summary as a JSON object.</summary>
    /// <param name="json">Where to.</param>
    public void WriteJson(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        json.WriteStartArray("layers");
        foreach (SummaryRow row in Rows)
        {
            Write(json, row);
        }

        json.WriteEndArray();
        json.WriteNumber("parameters", Parameters);
        json.WriteNumber("trained_parameters", TrainedParameters);
        json.WriteNumber("statistics", Statistics);
        json.WriteNumber("macs", MultiplyAccumulates);
        json.WriteNumber("activation_bytes", ActivationBytes);
        json.WriteNumber("parameter_bytes", ParameterBytes);
        json.WriteNumber("gradient_bytes", GradientBytes);
        json.WriteNumber("batch", BatchSize);
        json.WriteNumber("inference_workspace_bytes", InferenceBytes);
        json.WriteNumber("training_workspace_bytes", TrainingBytes);
        json.WriteNumber("inference_bytes", InferenceTotal);
        json.WriteNumber("training_bytes", TrainingTotal);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, SummaryRow row)
    {
        json.WriteStartObject();
        json.WriteString("name", row.Name);
        json.WriteString("kind", row.Kind);
        json.WritePropertyName("inputs");
        JsonText.WriteList(json, row.Inputs.Select(JsonText.Quote));
        json.WritePropertyName("output_shape");
        JsonText.WriteList(json, row.OutputShape.Select(size => $"{size}"));
        json.WriteNumber("parameters", row.Parameters);
        json.WriteNumber("macs", row.MultiplyAccumulates);
        json.WriteNumber("activation_bytes", row.ActivationBytes);
        if (row.ReceptiveField is { } field)
        {
            json.WritePropertyName("receptive_field");
            JsonText.WriteList(json, [$"{field.Height}", $"{field.Width}"]);
        }

        json.WriteEndObject();
    }
}
