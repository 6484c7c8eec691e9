// The messages of a training, in one place; their text costs nothing where nobody listens.

using Microsoft.Extensions.Logging;

namespace CnnNative.Training;

internal static partial class TrainingLog
{
    [LoggerMessage(
        1, LogLevel.Information,
        "Training {Parameters} parameters on {Samples} samples in batches of {BatchSize}, {Epochs} epochs")]
    public static partial void Begins(ILogger logger, long parameters, int samples, int batchSize, int epochs);

    [LoggerMessage(2, LogLevel.Information, "Epoch {Epoch} of {Epochs}: {Values}, {Rate:F0} samples/s")]
    public static partial void EpochEnded(ILogger logger, int epoch, int epochs, string values, double rate);

    [LoggerMessage(3, LogLevel.Information, "Training ended after {Steps} steps: {End}")]
    public static partial void Ended(ILogger logger, long steps, TrainingEnd end);

    [LoggerMessage(4, LogLevel.Information, "Going on from {Checkpoint}: epoch {Epoch}, step {Step}")]
    public static partial void Resumed(ILogger logger, string checkpoint, int epoch, long step);

    [LoggerMessage(5, LogLevel.Warning, "A checkpoint cannot be used, an earlier one is tried: {Reason}")]
    public static partial void CheckpointDamaged(ILogger logger, string reason);

    [LoggerMessage(6, LogLevel.Debug, "Wrote the checkpoint {Checkpoint}")]
    public static partial void CheckpointWritten(ILogger logger, string checkpoint);

    [LoggerMessage(7, LogLevel.Debug, "{Report}")]
    public static partial void Memory(ILogger logger, MemoryReport report);
}
