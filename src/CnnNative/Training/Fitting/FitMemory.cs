// What a fit remembers from batch to batch and from epoch to epoch, besides the weights and what the optimiser has.

namespace CnnNative.Training;

/// <summary>The place of a fit and the state of its parts.</summary>
internal sealed class FitMemory(Trainer trainer, RunningFigures figures, FitOptions options) : IDisposable
{
    private FigureSums _committed;

    /// <summary>Finished epochs.</summary>
    public int Epoch { get; private set; }

    /// <summary>The next batch of the epoch, after the last change of the weights.</summary>
    public int NextBatch { get; private set; }

    /// <summary>Why the training ends; null while it goes on.</summary>
    public TrainingEnd? End { get; set; }

    /// <summary>Seconds of the epoch before this run.</summary>
    public double SecondsBefore { get; private set; }

    /// <summary>What the plateau schedule remembers.</summary>
    public PlateauState Plateau { get; private set; } = new();

    /// <summary>What early stopping remembers.</summary>
    public EarlyStoppingState Stopping { get; private set; } = new();

    /// <summary>The epochs so far.</summary>
    public TrainingHistory History { get; private set; } = [];

    /// <summary>The weights of the best epoch; null where nobody asks for them.</summary>
    public Tensor? Best { get; } = options.EarlyStopping is { RestoreBest: true } ? trainer.Arena.Values.Clone() : null;

    /// <summary>Loss and accuracy of the epoch at the last change of the weights.</summary>
    public FigureSums Figures => _committed;

    /// <summary>The weights changed: this is the place to go on from.</summary>
    public void Commit(int nextBatch)
    {
        NextBatch = nextBatch;
        _committed = figures.Sums;
    }

    /// <summary>Goes back to the last change of the weights.</summary>
    public void RollBack()
    {
        trainer.Discard();
        figures.Sums = _committed;
    }

    /// <summary>Takes the record of an epoch in.</summary>
    public void EndEpoch(EpochRecord record, double monitored)
    {
        History.Add(record);
        Epoch++;
        NextBatch = 0;
        SecondsBefore = 0;
        figures.Reset();
        _committed = figures.Sums;
        Plateau = options.Plateau?.Next(Plateau, monitored) ?? Plateau;
        if (options.EarlyStopping is not { } stopping)
        {
            return;
        }

        Stopping = stopping.Next(Stopping, monitored, record.Epoch);
        End = Stopping.ShouldStop ? TrainingEnd.StoppedEarly : null;
        if (Stopping.IsBest && Best is not null)
        {
            Copy(trainer.Average?.Values ?? trainer.Arena.Values, Best);
        }
    }

    /// <summary>Puts averaged or best weights into the model.</summary>
    /// <returns>The epoch that they are of.</returns>
    public int Finish(TrainingEnd end)
    {
        if (Best is not null && end != TrainingEnd.Cancelled && Stopping.BestEpoch > 0)
        {
            Copy(Best, trainer.Arena.Values);
            return Stopping.BestEpoch;
        }

        if (trainer.Average is { } average)
        {
            Copy(average.Values, trainer.Arena.Values);
        }

        return Epoch;
    }

    /// <summary>What a checkpoint holds.</summary>
    public CheckpointState ToState(
        Dictionary<string, string> fingerprint, double seconds, string history, string[] frozen)
    {
        return new CheckpointState
        {
            Options = fingerprint,
            Epoch = Epoch,
            NextBatch = NextBatch,
            Steps = trainer.Steps,
            BatchesRun = trainer.BatchesRun,
            LearningRate = trainer.LearningRate,
            Figures = _committed,
            Seconds = seconds,
            End = End,
            Plateau = Plateau,
            Stopping = Stopping,
            Frozen = frozen,
            History = history,
        };
    }

    /// <summary>Takes over what a checkpoint held.</summary>
    public void Restore(CheckpointState state, TrainingHistory history)
    {
        (Epoch, NextBatch, End, SecondsBefore) = (state.Epoch, state.NextBatch, state.End, state.Seconds);
        (Plateau, Stopping, History) = (state.Plateau, state.Stopping, history);
        trainer.Optimizer.Steps = state.Steps;
        trainer.BatchesRun = state.BatchesRun;
        trainer.LearningRate = state.LearningRate;
        figures.Sums = _committed = state.Figures;
    }

    public void Dispose() => Best?.Dispose();

    private static void Copy(Tensor source, Tensor target)
    {
        using TensorAccess access = target.Access();
        source.CopyTo(access.Values);
    }
}
