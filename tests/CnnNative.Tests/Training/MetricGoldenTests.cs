// Metrics against scikit-learn, in one batch and in several. Everything is computed in double precision from float32 on both
// sides, so only the order of sums differs: 1e-12 is far above that.

using CnnNative.Tests.Golden;

namespace CnnNative.Tests.Training;

public sealed class MetricGoldenTests
{
    private const double Tolerance = 1e-12;

    private static readonly MetricFile _file = GoldenFile.Read<MetricFile>("metrics.json");

    public static TheoryData<string> ClassCases => [.. _file.Classes.Select(golden => golden.Name)];

    public static TheoryData<string> BinaryCases => [.. _file.Binary.Select(golden => golden.Name)];

    public static TheoryData<string> ValueCases => [.. _file.Values.Select(golden => golden.Name)];

    public static TheoryData<string> LabelCases => [.. _file.Labels.Select(golden => golden.Name)];

    [Theory]
    [MemberData(nameof(ClassCases))]
    public void Metrics_of_classes_are_those_of_scikit_learn(string name)
    {
        ClassCase golden = _file.Classes.Single(golden => golden.Name == name);
        ConfusionMatrix matrix = new(golden.Classes);
        Is(golden.Accuracy, matrix, golden);
        int[] classes = [.. Enumerable.Range(0, golden.Classes)];
        Assert.Equal(golden.Confusion, classes.SelectMany(label => classes.Select(predicted => matrix[label, predicted])));
        Assert.Equal(golden.Labels.Length, matrix.Total);
        AreEqual(golden.Precision, [.. classes.Select(matrix.Precision)]);
        AreEqual(golden.Recall, [.. classes.Select(matrix.Recall)]);
        AreEqual(golden.F1, [.. classes.Select(matrix.F1)]);
        foreach (Averaging averaging in (Averaging[])[Averaging.Macro, Averaging.Micro, Averaging.Weighted])
        {
            double[] expected = golden.Averages[averaging.ToString().ToLowerInvariant()];
            Is(expected[0], new Precision(golden.Classes, averaging), golden);
            Is(expected[1], new Recall(golden.Classes, averaging), golden);
            Is(expected[2], new F1Score(golden.Classes, averaging), golden);
        }

        Is(golden.Accuracy, new Accuracy(golden.Classes), golden);
        Is(golden.Auc, new RocAuc(golden.Classes), golden);
        Is(golden.AveragePrecision, new AveragePrecision(golden.Classes), golden);
        if (golden.Top2 is { } top2)
            Is(top2, new TopKAccuracy(golden.Classes, k: 2), golden);
    }

    [Theory]
    [MemberData(nameof(BinaryCases))]
    public void Metrics_of_one_score_are_those_of_scikit_learn(string name)
    {
        BinaryCase golden = _file.Binary.Single(golden => golden.Name == name);
        foreach ((double expected, IClassMetric metric) in ((double, IClassMetric)[])
            [
                (golden.Auc, new RocAuc()), (golden.AveragePrecision, new AveragePrecision()),
                (golden.Precision, new Precision(1, Averaging.Binary)), (golden.Recall, new Recall(1, Averaging.Binary)),
                (golden.F1, new F1Score(1, Averaging.Binary)),
            ])
        {
            Run(metric, 1, golden.Scores, golden.Labels);
            Assert.Equal(expected, metric.Result, Tolerance);
        }
    }

    // Two logits say the same as their difference.
    [Theory]
    [MemberData(nameof(BinaryCases))]
    public void Two_logits_rank_like_their_difference(string name)
    {
        BinaryCase golden = _file.Binary.Single(golden => golden.Name == name);
        float[] pairs = [.. golden.Scores.SelectMany(score => (float[])[-score / 2, score / 2])];
        RocAuc auc = new(classes: 2);
        AveragePrecision precision = new(classes: 2);
        auc.Update(pairs, golden.Labels);
        precision.Update(pairs, golden.Labels);

        Assert.Equal(golden.Auc, auc.Result, Tolerance);
        Assert.Equal(golden.Auc, auc.ResultOf(0), Tolerance);
        Assert.Equal(golden.AveragePrecision, precision.ResultOf(1), Tolerance);
    }

    [Theory]
    [MemberData(nameof(ValueCases))]
    public void Metrics_of_numbers_are_those_of_scikit_learn(string name)
    {
        ValueCase golden = _file.Values.Single(golden => golden.Name == name);
        foreach ((double expected, IValueMetric metric) in ((double, IValueMetric)[])
            [
                (golden.Mae, new MeanAbsoluteError()), (golden.Rmse, new RootMeanSquaredError()),
                (golden.R2, new R2Score(golden.Outputs)),
            ])
        {
            Run(metric, golden.Outputs, golden.Predictions, golden.Targets);

            // The spread around a mean of 100 is 3, so a mean that is followed loses up to (100/3)^2 of double precision.
            Assert.Equal(expected, metric.Result, Tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(LabelCases))]
    public void Accuracies_of_several_labels_are_those_of_scikit_learn(string name)
    {
        LabelCase golden = _file.Labels.Single(golden => golden.Name == name);
        MultiLabelAccuracy metric = new(golden.Labels);

        Run(metric, golden.Labels, golden.Scores, golden.Targets);

        Assert.Equal(golden.Accuracy, metric.Result, Tolerance);
        Assert.Equal(golden.Subset, metric.SubsetAccuracy, Tolerance);
        AreEqual(golden.Each, [.. Enumerable.Range(0, golden.Labels).Select(metric.AccuracyOf)]);
    }

    private static void Is(double expected, IClassMetric metric, ClassCase golden)
    {
        Run(metric, golden.Classes, golden.Scores, golden.Labels);
        double found = metric.Result;
        Assert.True(Math.Abs(expected - found) <= Tolerance, $"{metric.Name} is {found:R}, expected {expected:R}.");
    }

    /// <summary>The same metric takes everything twice, with a reset between: at once, and in batches of growing size.</summary>
    private static void Run(IClassMetric metric, int width, float[] scores, int[] labels)
    {
        metric.Update(scores, labels);
        double whole = metric.Result;
        metric.Reset();
        for (int start = 0, count = 0; start < labels.Length; start += count, count++)
        {
            count = Math.Min(count, labels.Length - start);
            metric.Update(scores.AsSpan(start * width, count * width), labels.AsSpan(start, count));
        }

        Assert.Equal(whole, metric.Result, Tolerance);
    }

    private static void Run(IValueMetric metric, int width, float[] predictions, float[] targets)
    {
        metric.Update(predictions, targets);
        double whole = metric.Result;
        metric.Reset();
        int rows = targets.Length / width;
        for (int start = 0, count = 0; start < rows; start += count, count++)
        {
            count = Math.Min(count, rows - start);
            metric.Update(predictions.AsSpan(start * width, count * width), targets.AsSpan(start * width, count * width));
        }

        Assert.Equal(whole, metric.Result, Tolerance);
    }

    private static void AreEqual(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach ((double left, double right) in expected.Zip(actual))
            Assert.Equal(left, right, Tolerance);
    }

    private sealed record MetricFile(
        string Sklearn, ClassCase[] Classes, BinaryCase[] Binary, ValueCase[] Values, LabelCase[] Labels);

    private sealed record ClassCase(
        string Name, int Classes, float[] Scores, int[] Labels, double Accuracy, long[] Confusion, double[] Precision,
        double[] Recall, double[] F1, Dictionary<string, double[]> Averages, double Auc, double AveragePrecision, double? Top2);

    private sealed record BinaryCase(
        string Name, float[] Scores, int[] Labels, double Precision, double Recall, double F1, double Auc,
        double AveragePrecision);

    private sealed record ValueCase(
        string Name, int Outputs, float[] Predictions, float[] Targets, double Mae, double Rmse, double R2);

    private sealed record LabelCase(
        string Name, int Labels, float[] Scores, float[] Targets, double Subset, double Accuracy, double[] Each);
}
