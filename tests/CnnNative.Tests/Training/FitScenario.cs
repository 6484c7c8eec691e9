// A small problem that a network can learn, and a training of it that uses chance in every place where there is some: order,
// augmentation, dropout, mixing.

namespace CnnNative.Tests.Training;

internal static class FitScenario
{
    public const int Samples = 90;

    private static readonly string[] _classes = ["left", "right", "both"];

    /// <summary>Pictures of 8x8 that are brighter on the left, on the right, or on both sides.</summary>
    public static TensorDataset Data(int samples = Samples, ulong seed = 1)
    {
        var pixels = new float[samples * 64];
        var labels = new float[samples];
        for (int i = 0; i < samples; i++)
        {
            var random = SampleRandom.ForSample(seed, epoch: 0, i);
            labels[i] = i % 3;
            for (int j = 0; j < 64; j++)
            {
                bool isBright = labels[i] == 2 || (j % 8 < 4 == (labels[i] == 0));
                pixels[i * 64 + j] = random.Uniform(-0.5f, 0.5f) + (isBright ? 1 : 0);
            }
        }

        return new TensorDataset(pixels, (8, 8, 1), labels, 1, _classes);
    }

    /// <summary>A network with batch normalisation and, if wanted, dropout.</summary>
    public static Model CreateModel(bool dropout = true)
    {
        GraphBuilder b = new();
        GraphValue x = b.Relu(b.BatchNorm(b.Conv2d(b.Input("image", (8, 8, 1)), 6, 3, Padding.Same, bias: false)));
        x = b.MaxPool2d(x, 2);
        x = dropout ? b.Dropout(x, 0.2f) : x;
        b.Output("logits", b.Linear(b.Flatten(x), 3));
        return b.Build(seed: 5);
    }

    /// <summary>Options with chance in every place. An epoch has 75 samples: four batches of 16 and one of 11.</summary>
    public static FitOptions Random(int epochs = 3) => new()
    {
        Epochs = epochs,
        BatchSize = 16,
        Seed = 7,
        Optimizer = new AdamW(0.01),
        Schedule = LearningRateSchedule.Cosine().WithWarmUpSteps(3),
        ValidationFraction = 1.0 / 6,
        Augmentation = new Augmentation(new GaussianNoise(0.1f)),
        Mixing = new MixUp(),
        Average = new ExponentialMovingAverage(0.9),
        EarlyStopping = new EarlyStopping { Patience = 100 },
        Plateau = new ReduceOnPlateau { Patience = 0, Factor = 0.5 },
        ClipNorm = 1,
    };

    /// <summary>Fits a model, until the test itself is cancelled.</summary>
    public static TrainingResult Train(
        this Model model, IDataset data, FitOptions options, IProgress<TrainingProgress>? progress = null) =>
        model.Fit(data, options, progress, TestContext.Current.CancellationToken);

    /// <summary>All values of a model, in order.</summary>
    public static float[] Values(Model model) => [.. model.Parameters.SelectMany(parameter => parameter.Value.ToArray())];

    /// <summary>Trains a new model and gives its values and the history without what a clock measured.</summary>
    public static (float[] Values, string History) Train(FitOptions options)
    {
        using TensorDataset data = Data();
        using Model model = CreateModel();
        TrainingResult result = model.Train(data, options);
        return (Values(model), Text(result.History));
    }

    /// <summary>What of a history is the same in each run.</summary>
    public static string Text(TrainingHistory history) => string.Join(
        "\n", history.Select(
            epoch => $"{epoch.Epoch} {epoch.Step} {epoch.LearningRate:R} {Join(epoch.Training)} {Join(epoch.Validation)}"));

    private static string Join(IReadOnlyDictionary<string, double> values) =>
        string.Join(" ", values.Select(pair => $"{pair.Key}={pair.Value:R}"));
}

/// <summary>Cancels while so many samples are read.</summary>
internal sealed class CancellingDataset(IDataset data, CancellationTokenSource source, int after) : IDataset
{
    private int _read;

    public int Count => data.Count;

    public DataSchema Schema => data.Schema;

    public void Read(int index, in Sample sample)
    {
        data.Read(index, in sample);
        if (Interlocked.Increment(ref _read) == after)
        {
            source.Cancel();
        }
    }

    public int LabelOf(int index) => data.LabelOf(index);
}
