// Training and evaluation as a model offers them.

using CnnNative.Kernels;
using CnnNative.Training;

namespace CnnNative;

public sealed partial class Model
{
    /// <summary>Trains the model on a data set.</summary>
    /// <param name="dataset">The data; it stays the caller's.</param>
    /// <param name="options">How; the defaults if null.</param>
    /// <param name="progress">Is told how far the training is, some ten times a second and at the end of each epoch.</param>
    /// <param name="cancellationToken">Ends the training within a batch.</param>
    /// <returns>What the training gave. The model has the weights of the end; the averaged or the best ones where the options ask
    /// for them.</returns>
    /// <remarks>The model must not be used elsewhere meanwhile. The same seed, data, options and kind of processor give the same
    /// weights, bit for bit, for any number of threads and workers, and when the training is interrupted and resumed.</remarks>
    /// <exception cref="ArgumentException">An option is out of its range, or model, data and losses do not fit
    /// together.</exception>
    /// <exception cref="DataException">A sample cannot be used.</exception>
    /// <exception cref="TrainingDivergedException">The loss or a gradient is NaN or infinite; the model has the weights of the
    /// last good step.</exception>
    /// <exception cref="TrainingCanceledException">The training was cancelled; the model has the weights of the last completed
    /// step, and a checkpoint was written where checkpoints are.</exception>
    /// <exception cref="InsufficientMemoryException">No plan fits the memory budget, or the system gave no memory.</exception>
    /// <exception cref="IOException">A checkpoint cannot be read or written, and the earlier ones are still there; or the history
    /// cannot be written.</exception>
    public TrainingResult Fit(
        IDataset dataset, FitOptions? options = null, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        options ??= new FitOptions();
        options.Check();
        foreach (string pattern in options.Freeze)
        {
            Freeze(pattern);
        }

        WeightsChanged();
        ClassNames ??= dataset.Schema.ClassNames;
        try
        {
            using FitRun run = new(this, dataset, options);
            return run.Run(progress, cancellationToken);
        }
        finally
        {
            WeightsChanged();
        }
    }

    /// <summary>Trains the model on a thread of its own; see <see cref="Fit"/>.</summary>
    /// <param name="dataset">The data; it stays the caller's.</param>
    /// <param name="options">How; the defaults if null.</param>
    /// <param name="progress">Is told how far the training is.</param>
    /// <param name="cancellationToken">Ends the training within a batch.</param>
    public Task<TrainingResult> FitAsync(
        IDataset dataset, FitOptions? options = null, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default) => Task.Factory.StartNew(
            () => Fit(dataset, options, progress, cancellationToken), cancellationToken,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    /// <summary>Measures the model on a data set.</summary>
    /// <param name="dataset">The data; it stays the caller's.</param>
    /// <param name="metrics">What to measure besides the loss; null for accuracy where there are class labels.</param>
    /// <param name="loss">The losses; null for what suits model and data, see <see cref="FitOptions.Loss"/>.</param>
    /// <param name="batchSize">Samples that are computed at once; fewer where there are not as many.</param>
    /// <param name="context">Where to compute; <see cref="ComputeContext.Default"/> if null.</param>
    /// <param name="cancellationToken">Ends the evaluation within a batch.</param>
    /// <returns>The values.</returns>
    /// <exception cref="ArgumentException">Model, data, losses and metrics do not fit together.</exception>
    /// <exception cref="DataException">A sample cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The evaluation was cancelled.</exception>
    public Evaluation Evaluate(
        IDataset dataset, MetricSet? metrics = null, LossSet? loss = null, int batchSize = 128, ComputeContext? context = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        IKernels kernels = (context ?? ComputeContext.Default).Kernels;
        LossSet losses = DefaultLosses.Choose(Graph, dataset.Schema, loss);
        Evaluator evaluator = new(
            Graph, losses, metrics ?? DefaultMetrics.For(Graph, losses, dataset.Schema), dataset.Schema, kernels);
        using DataLoader loader = new(
            dataset, new DataLoaderOptions { BatchSize = Math.Min(batchSize, Math.Max(1, dataset.Count)) });
        return evaluator.Run(loader, cancellationToken);
    }
}
