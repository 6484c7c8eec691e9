// Where and when a training writes down all that it needs to go on.

namespace CnnNative;

/// <summary>Checkpoints of a training: files from which it can be resumed, bit for bit.</summary>
/// <remarks>Each file appears whole or not at all, so that a full disk or a killed process leaves the one before. A training that
/// does not resume wants a folder without checkpoints, so that it cannot delete those of another.</remarks>
/// <param name="Folder">The folder; it is made where it does not exist.</param>
public sealed record CheckpointOptions(string Folder)
{
    /// <summary>Steps of the optimiser from one checkpoint to the next; 0 for none within epochs.</summary>
    public int EverySteps { get; init; }

    /// <summary>Epochs from one checkpoint to the next; 0 for none at the end of epochs.</summary>
    public int EveryEpochs { get; init; } = 1;

    /// <summary>How many checkpoints are kept; older ones are deleted. At least 1.</summary>
    public int Keep { get; init; } = 3;

    internal void Check()
    {
        if (string.IsNullOrWhiteSpace(Folder) || EverySteps < 0 || EveryEpochs < 0 || Keep < 1)
        {
            throw new ArgumentException(
                $"CheckpointOptions: the folder is '{Folder}', every {EverySteps} steps and {EveryEpochs} epochs, " +
                $"{Keep} are kept; expected a folder, numbers from 0 on, and at least 1 to keep.");
        }
    }
}
