// Predictions for programs: one JSON object.

using System.Text.Json;

namespace CnnNative.Cli;

/// <summary>What a model says of a picture, or why the picture cannot be used.</summary>
internal sealed record PicturePrediction(string File, IReadOnlyList<ClassGuess> Classes, string? Error);

/// <summary>The report of <c>cnn predict --json</c>.</summary>
internal sealed record PredictReport(string Model, IReadOnlyList<PicturePrediction> Predictions)
{
    public string ToJson() => JsonSerializer.Serialize(this, CliJson.Default.PredictReport);
}
