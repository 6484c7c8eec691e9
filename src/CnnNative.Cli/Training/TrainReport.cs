// What came of a training, for programs: one JSON object, with names in lower case.

using System.Text.Json;

namespace CnnNative.Cli;

/// <summary>The report of <c>cnn train --json</c>. Accuracies are parts from 0 to 1; what was not measured is null.</summary>
internal sealed record TrainReport
{
    public required string Data { get; init; }

    public required string Model { get; init; }

    public double? TestAccuracy { get; init; }

    public double? TestLoss { get; init; }

    public double? ValidationAccuracy { get; init; }

    public double? TrainLoss { get; init; }

    /// <summary>Since the process was started.</summary>
    public required double Seconds { get; init; }

    /// <summary>When training began, since the process was started.</summary>
    public required double SecondsBeforeTraining { get; init; }

    public required double TrainingSeconds { get; init; }

    public double? TestSeconds { get; init; }

    public required double ImagesPerSecond { get; init; }

    public required int Epochs { get; init; }

    public required int BestEpoch { get; init; }

    public required long Steps { get; init; }

    /// <summary>finished, stopped_early, or interrupted.</summary>
    public required string End { get; init; }

    public required long Parameters { get; init; }

    public required int TrainImages { get; init; }

    public int? TestImages { get; init; }

    public required int Batch { get; init; }

    public required ulong Seed { get; init; }

    public required string Backend { get; init; }

    public required string Isa { get; init; }

    public required int Threads { get; init; }

    /// <summary>Megabytes of 2^20 bytes, of the whole process.</summary>
    public required double PeakMb { get; init; }

    /// <summary>What the training was planned to take, of these.</summary>
    public required double PlannedMb { get; init; }

    public required IReadOnlyList<string> Files { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, CliJson.Default.TrainReport);
}
