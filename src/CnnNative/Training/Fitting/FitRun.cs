// The loop over epochs and batches. What it remembers from batch to batch is small and is what a checkpoint holds, so that going
// on from a checkpoint is the same code as going on from the batch before.

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CnnNative.Training;

/// <summary>One call of <see cref="Model.Fit"/>.</summary>
internal sealed class FitRun : IDisposable
{
    private static readonly TimeSpan _reportInterval = TimeSpan.FromMilliseconds(100);

    private readonly Model _model;
    private readonly FitOptions _options;
    private readonly FitSetup _setup;
    private readonly Trainer _trainer;
    private readonly ILogger _logger;
    private readonly RunningFigures _figures;
    private readonly FitCheckpoints? _checkpoints;
    private readonly FitFiles _files;
    private readonly TrainingLength _length;
    private readonly FitMemory _memory;
    private readonly FitClock _clock;
    private double _gradientNorm;

    public FitRun(Model model, IDataset dataset, FitOptions options)
    {
        _model = model;
        _options = options;
        _logger = options.Logger ?? NullLogger.Instance;
        _files = new FitFiles(options);
        _setup = new FitSetup(model, dataset, options);
        try
        {
            _trainer = _setup.Trainer;
            _figures = new RunningFigures(_trainer.Outputs);
            _trainer.Observer = _figures;
            int batches = _setup.Loader.BatchesPerEpoch;
            long steps = (batches + options.AccumulationSteps - 1) / options.AccumulationSteps;
            _length = new TrainingLength(checked(steps * options.Epochs), steps);
            _memory = new FitMemory(_trainer, _figures, options);
            _clock = new FitClock(options.Epochs, batches);
            CheckMonitor();
            _checkpoints = options.Checkpoints is null
                ? null
                : new FitCheckpoints(_memory, _setup, _clock, _length, options, _logger);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Trains to the end.</summary>
    public TrainingResult Run(IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        TrainingLog.Begins(_logger, _model.ParameterCount, _setup.Loader.Count, _options.BatchSize, _options.Epochs);
        TrainingLog.Memory(_logger, _setup.Memory);
        _checkpoints?.Resume();
        _clock.Start(_memory.Epoch, _memory.NextBatch);
        try
        {
            while (_memory.End is null && _memory.Epoch < _options.Epochs)
            {
                RunEpoch(progress, cancellation);
                EndEpoch(progress, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            _memory.RollBack();
            _checkpoints?.Write();
            throw new TrainingCanceledException(Finish(TrainingEnd.Cancelled), cancellation);
        }

        return Finish(_memory.End ?? TrainingEnd.Finished);
    }

    public void Dispose()
    {
        _memory?.Dispose();
        _setup.Dispose();
        _files.Dispose();
    }

    private void RunEpoch(IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        int batches = _setup.Loader.BatchesPerEpoch;
        using DataEpoch epoch = _setup.Loader.Open(_memory.Epoch, _memory.NextBatch, cancellation);
        while (epoch.MoveNext())
        {
            SetRates();
            _setup.Map.Take(epoch.Current);
            TrainingStep step = _trainer.Step(_setup.Map.Inputs, _setup.Map.Targets);
            _figures.Add(step.Loss, epoch.Current.Count);
            _clock.Count(epoch.Current.Count);
            int next = epoch.Current.Index + 1;
            bool isUpdated = step.Updated;
            if (!isUpdated && next == batches)
            {
                _trainer.Flush();
                isUpdated = true;
            }

            if (isUpdated)
            {
                _gradientNorm = double.IsNaN(step.GradientNorm) ? _gradientNorm : step.GradientNorm;
                _memory.Commit(next);
                _checkpoints?.AfterStep();
            }

            if (progress is not null && _clock.IsDue(_reportInterval))
            {
                progress.Report(Progress(next, finished: null));
            }

            cancellation.ThrowIfCancellationRequested();
        }
    }

    private void SetRates()
    {
        if (_trainer.Pending == 0)
        {
            double rate = _options.Schedule.RateAt(_options.Optimizer.LearningRate, _trainer.Steps, _length);
            _trainer.LearningRate = rate * _memory.Plateau.Factor;
            _trainer.Momentum = _options.Schedule.MomentumAt(_trainer.Steps, _length);
        }
    }

    private void EndEpoch(IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        Evaluation? validation = _setup.HasValidation ? _setup.Validate(cancellation) : null;
        EpochRecord record = Record(validation);
        _memory.EndEpoch(record, Monitored(record));
        TrainingLog.EpochEnded(_logger, record.Epoch, _options.Epochs, Text(record), record.ImagesPerSecond);
        _model.WeightsChanged();
        _files.Add(record, _memory.History);
        foreach (ITrainingCallback callback in _options.Callbacks)
        {
            if (!callback.OnEpochEnd(record, _model))
            {
                _memory.End ??= TrainingEnd.StoppedByCallback;
            }
        }

        _clock.BeginEpoch();
        _checkpoints?.AfterEpoch();
        progress?.Report(Progress(_setup.Loader.BatchesPerEpoch, record));
    }

    private EpochRecord Record(Evaluation? validation)
    {
        OrderedDictionary<string, double> training = new(StringComparer.Ordinal) { ["loss"] = _figures.Loss };
        if (_figures.Accuracy is { } accuracy)
        {
            training["accuracy"] = accuracy;
        }

        return new EpochRecord
        {
            Epoch = _memory.Epoch + 1,
            Step = _trainer.Steps,
            LearningRate = _trainer.LearningRate,
            Seconds = _memory.SecondsBefore + _clock.EpochSeconds,
            ImagesPerSecond = _clock.SamplesPerSecond,
            Training = training,
            Validation = validation?.Values ?? new Dictionary<string, double>(),
        };
    }

    private double Monitored(EpochRecord record) =>
        (_setup.HasValidation ? record.Validation : record.Training).GetValueOrDefault(_options.Monitor, double.NaN);

    /// <summary>A name that no epoch has is found now, and not after the first one.</summary>
    private void CheckMonitor()
    {
        string[] names = [.. _setup.HasValidation ? _setup.ValidationNames : _figures.Names];
        if ((_options.Plateau is not null || _options.EarlyStopping is not null) && !names.Contains(_options.Monitor))
        {
            throw new ArgumentException(
                $"FitOptions: Monitor is '{_options.Monitor}', expected one of {string.Join(", ", names)}.");
        }
    }

    private TrainingProgress Progress(int batch, EpochRecord? finished) => new()
    {
        Epoch = finished?.Epoch ?? _memory.Epoch + 1,
        Epochs = _options.Epochs,
        Batch = batch,
        Batches = _setup.Loader.BatchesPerEpoch,
        Step = _trainer.Steps,
        Loss = finished?.Training["loss"] ?? _figures.Loss,
        Accuracy = finished is null ? _figures.Accuracy : Accuracy(finished),
        LearningRate = _trainer.LearningRate,
        GradientNorm = _gradientNorm,
        SamplesPerSecond = _clock.SamplesPerSecond,
        Elapsed = _clock.Elapsed,
        Remaining = _clock.Remaining,
        Finished = finished,
    };

    private static double? Accuracy(EpochRecord record) =>
        record.Training.TryGetValue("accuracy", out double value) ? value : null;

    private TrainingResult Finish(TrainingEnd end)
    {
        int best = _memory.Finish(end);
        TrainingLog.Ended(_logger, _trainer.Steps, end);
        return new TrainingResult
        {
            History = _memory.History,
            End = end,
            Steps = _trainer.Steps,
            BestEpoch = best,
            Duration = _clock.Elapsed,
            Samples = _clock.Samples,
            Memory = _setup.Memory,
        };
    }

    private static string Text(EpochRecord record)
    {
        IEnumerable<string> training = record.Training.Select(pair => $"{pair.Key} {pair.Value:G4}");
        return string.Join(", ", training.Concat(record.Validation.Select(pair => $"validation {pair.Key} {pair.Value:G4}")));
    }
}
