// How a model is fitted to data: what concerns epochs, batches, validation and files, besides what a trainer needs for single
// steps.

using Microsoft.Extensions.Logging;

namespace CnnNative;

/// <summary>How <see cref="Model.Fit"/> trains. The defaults suit a first try: AdamW, ten epochs, shuffled batches of
/// 64.</summary>
public sealed record FitOptions
{
    /// <summary>Passes over the data.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Samples in a batch; at most as many as there are.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>How parameters follow their gradients.</summary>
    public Optimizer Optimizer { get; init; } = new AdamW();

    /// <summary>What the learning rate is multiplied with from step to step.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Constant;

    /// <summary>Lowers the learning rate when <see cref="Monitor"/> no longer gets better; null for never.</summary>
    public ReduceOnPlateau? Plateau { get; init; }

    /// <summary>Stops when <see cref="Monitor"/> no longer gets better; null for never.</summary>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>The value of an epoch that <see cref="Plateau"/> and <see cref="EarlyStopping"/> watch: "loss", or the name of a
    /// metric; that of validation where there is any, else that of training.</summary>
    public string Monitor { get; init; } = "loss";

    /// <summary>What is made small; null for what suits network and data: cross-entropy for class labels and for outputs that end
    /// in a softmax, binary cross-entropy for those that end in a sigmoid, else the mean squared error.</summary>
    public LossSet? Loss { get; init; }

    /// <summary>What validation measures besides the loss; null for accuracy where there are class labels.</summary>
    public MetricSet? Metrics { get; init; }

    /// <summary>Where all chance comes from: order, augmentation, mixing, dropout, the choice of the validation part.</summary>
    public ulong Seed { get; init; }

    /// <summary>Data to validate on after each epoch; null for none, or for <see cref="ValidationFraction"/>.</summary>
    public IDataset? Validation { get; init; }

    /// <summary>The part of the training data that is taken away for validation, each class by itself where there are labels;
    /// 0 for none.</summary>
    public double ValidationFraction { get; init; }

    /// <summary>Whether each epoch has a random order of its own.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Whether samples that do not fill a last batch are left out of an epoch. Otherwise that batch is
    /// smaller.</summary>
    public bool DropLast { get; init; }

    /// <summary>Random changes to the pictures of the training data; null for none.</summary>
    public Augmentation? Augmentation { get; init; }

    /// <summary>Mixing of pictures and labels, such as <see cref="MixUp"/> and <see cref="CutMix"/>; null for none.</summary>
    public BatchMixing? Mixing { get; init; }

    /// <summary>Which samples an epoch has, such as <see cref="BalancedSampler"/>; null for each of them once.</summary>
    public ISampler? Sampler { get; init; }

    /// <summary>The share of each target that is spread evenly over all classes, 0 to 1; for cross-entropy, in training only.
    /// </summary>
    public float LabelSmoothing { get; init; }

    /// <summary>A weight for each class in cross-entropy; null for ones. See <see cref="CnnNative.ClassWeights.Of"/>.</summary>
    public IReadOnlyList<float>? ClassWeights { get; init; }

    /// <summary>The most that the Euclidean norm of all gradients may be; null for no limit.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>Batches whose gradients are summed before the weights change. The end of an epoch ends a sum too.</summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>An average of the weights, with which validation works and which the model has at the end; null for
    /// none.</summary>
    public ExponentialMovingAverage? Average { get; init; }

    /// <summary>Parameters that are not trained, by patterns as of <see cref="Model.Freeze"/>. They stay frozen
    /// afterwards.</summary>
    public IReadOnlyList<string> Freeze { get; init; } = [];

    /// <summary>What is called at the end of epochs.</summary>
    public IReadOnlyList<ITrainingCallback> Callbacks { get; init; } = [];

    /// <summary>The most bytes that parameters, gradients, optimiser, layers' results and batches may take together; null for no
    /// limit. Results are computed again where that is needed.</summary>
    public long? MemoryBudget { get; init; }

    /// <summary>Where to compute; <see cref="ComputeContext.Default"/> if null.</summary>
    public ComputeContext? Context { get; init; }

    /// <summary>Threads of native kernels, where <see cref="Context"/> is null; 0 for all that the process may use.</summary>
    public int Threads { get; init; }

    /// <summary>Threads that read and augment data in the background; 0 to do it between steps.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Batches that may be ready ahead of the one in use.</summary>
    public int Prefetch { get; init; } = 3;

    /// <summary>Where messages of the training go; null for nowhere.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>A file that gets a line for each epoch, at its end: .csv, or .jsonl for JSON lines; null for none. An existing one
    /// is replaced, by a resumed training with the epochs before as well.</summary>
    public string? HistoryPath { get; init; }

    /// <summary>A folder that gets a file with the values of each epoch, for TensorBoard; null for none.</summary>
    public string? TensorBoardFolder { get; init; }

    /// <summary>Where and when checkpoints are written; null for none.</summary>
    public CheckpointOptions? Checkpoints { get; init; }

    /// <summary>Whether to go on from the newest checkpoint of the folder, as if the training had never been interrupted. It
    /// begins anew where there is none.</summary>
    public bool Resume { get; init; }

    internal TrainerOptions ForTrainer(LossSet losses, ComputeContext context, long batchBytes) => new()
    {
        Optimizer = Optimizer,
        Loss = losses,
        ClipNorm = ClipNorm,
        AccumulationSteps = AccumulationSteps,
        Average = Average,
        Seed = Seed,
        MemoryBudget = MemoryBudget - batchBytes,
        Context = context,
    };

    internal DataLoaderOptions ForTraining() => new()
    {
        BatchSize = BatchSize,
        Shuffle = Shuffle,
        Seed = Seed,
        DropLast = DropLast,
        Workers = Workers,
        Prefetch = Prefetch,
        Augmentation = Augmentation,
        Mixing = Mixing,
        Sampler = Sampler,
    };

    internal void Check()
    {
        Require(Epochs >= 1, $"Epochs is {Epochs}", "at least 1");
        Require(ValidationFraction is >= 0 and < 1, $"ValidationFraction is {ValidationFraction}", "0 to less than 1");
        Require(
            Validation is null || ValidationFraction == 0,
            $"there are Validation and a ValidationFraction of {ValidationFraction}",
            "one of them");
        Require(
            Sampler is null || ValidationFraction == 0,
            $"there are a Sampler, which draws from all samples, and a ValidationFraction of {ValidationFraction}",
            "Validation data that were split off before");
        Require(Context is null || Threads == 0, $"there are a Context and {Threads} Threads", "one of them");
        Require(!Resume || Checkpoints is not null, "Resume is set and Checkpoints is not", "a folder to resume from");
        Checkpoints?.Check();
        Require(TensorBoardFolder is not "", "TensorBoardFolder is empty", "a folder, or null for none");
        if (HistoryPath is not null)
        {
            HistoryFormat.Of(HistoryPath);
        }
    }

    private static void Require(bool holds, string found, string expected)
    {
        if (!holds)
        {
            throw new ArgumentException($"FitOptions: {found}, expected {expected}.");
        }
    }
}
