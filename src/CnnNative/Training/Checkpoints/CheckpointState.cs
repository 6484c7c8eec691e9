// What a checkpoint holds besides tensors: where the training is, and what its parts remember. Written as JSON.

using System.Text.Json;
using System.Text.Json.Serialization;

namespace CnnNative.Training;

/// <summary>Loss and accuracy of an epoch so far.</summary>
internal readonly record struct FigureSums(double LossSum, long Samples, long Right, long Rows);

/// <summary>The place and the memory of a training.</summary>
internal sealed record CheckpointState
{
    /// <summary>The options that decide what steps are made, by name.</summary>
    public required Dictionary<string, string> Options { get; init; }

    /// <summary>Finished epochs.</summary>
    public required int Epoch { get; init; }

    /// <summary>The next batch of the epoch.</summary>
    public required int NextBatch { get; init; }

    /// <summary>Steps of the optimiser.</summary>
    public required long Steps { get; init; }

    /// <summary>Batches, which number the random numbers of layers.</summary>
    public required long BatchesRun { get; init; }

    /// <summary>The learning rate of the last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Figures of the epoch so far.</summary>
    public required FigureSums Figures { get; init; }

    /// <summary>Seconds of the epoch so far.</summary>
    public required double Seconds { get; init; }

    /// <summary>Whether a callback or early stopping ended the training.</summary>
    public required TrainingEnd? End { get; init; }

    /// <summary>What the plateau schedule remembers.</summary>
    public required PlateauState Plateau { get; init; }

    /// <summary>What early stopping remembers.</summary>
    public required EarlyStoppingState Stopping { get; init; }

    /// <summary>Parameters that are frozen.</summary>
    public required string[] Frozen { get; init; }

    /// <summary>The epochs so far, as JSON lines.</summary>
    public required string History { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, CheckpointJson.Default.CheckpointState);

    /// <exception cref="InvalidDataException">The text is no state.</exception>
    public static CheckpointState FromJson(string json, string path)
    {
        try
        {
            return JsonSerializer.Deserialize(json, CheckpointJson.Default.CheckpointState)
                ?? throw new InvalidDataException($"{path}: the state of the training is missing.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}: the state of the training cannot be read: {error.Message}", error);
        }
    }
}

[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(CheckpointState))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
