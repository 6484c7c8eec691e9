// How good a model is on a data set: what `cnn eval` tells, and `cnn train` at its end. One pass over the data gives all of it.

namespace CnnNative.Cli;

/// <summary>A sample that the model was most wrong about.</summary>
/// <param name="Index">Which sample.</param>
/// <param name="Label">Its class.</param>
/// <param name="Predicted">The class that the model took it for.</param>
/// <param name="Probability">How sure the model was of that, from 0 to 1.</param>
/// <param name="Loss">The negative logarithm of the probability of its class.</param>
internal readonly record struct Mistake(int Index, int Label, int Predicted, float Probability, float Loss);

/// <summary>Figures of a test.</summary>
internal sealed record TestFigures(
    ConfusionMatrix Matrix, double Loss, double Accuracy, double? TopFive, IReadOnlyList<Mistake> Worst, int Samples,
    TimeSpan Duration)
{
    private const int BatchSize = 250;

    /// <summary>Measures a model.</summary>
    /// <param name="model">The model; its classes are those of the data.</param>
    /// <param name="data">The data.</param>
    /// <param name="context">Where to compute.</param>
    /// <param name="worst">How many of the worst mistakes to keep.</param>
    /// <param name="cancellation">Ends the test.</param>
    public static TestFigures Measure(
        Model model, IDataset data, ComputeContext context, int worst, CancellationToken cancellation)
    {
        int classes = ModelFacts.Classes(model);
        ConfusionMatrix matrix = new(classes, model.ClassNames?.Count == classes ? model.ClassNames : null);
        WorstMistakes mistakes = new(worst, ModelFacts.GivesProbabilities(model));
        TopKAccuracy? topFive = classes > 5 ? new TopKAccuracy(classes, 5) : null;
        MetricSet metrics = new() { matrix, mistakes };
        if (topFive is not null)
        {
            metrics.Add(topFive);
        }

        Evaluation evaluation = model.Evaluate(data, metrics, loss: null, BatchSize, context, cancellation);
        return new TestFigures(
            matrix, evaluation.Loss, matrix.Accuracy, topFive?.Result, mistakes.Worst, evaluation.Samples, evaluation.Duration);
    }
}
