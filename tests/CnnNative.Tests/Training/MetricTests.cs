// Metrics where definitions leave a choice: ties, NaN, classes without rows, nothing at all; and what they refuse.

using CnnNative.Tests.Files;

namespace CnnNative.Tests.Training;

public sealed class MetricTests
{
    private static IMetric[] All =>
    [
        new Accuracy(3), new TopKAccuracy(3, 2), new ConfusionMatrix(3), ConfusionMatrix.Binary(), new Precision(3),
        new Recall(3), new F1Score(3), new RocAuc(), new RocAuc(3), new AveragePrecision(), new MeanAbsoluteError(),
        new RootMeanSquaredError(), new R2Score(), new MultiLabelAccuracy(3), new MeanLoss(),
    ];

    [Fact]
    public void Without_a_batch_nothing_is_defined() => Assert.All(All, metric => Assert.Equal(double.NaN, metric.Result));

    [Fact]
    public void Names_are_fit_for_the_columns_of_a_table() =>
        Assert.All(All, metric => Assert.Matches("^[a-z][a-z0-9_]*$", metric.Name));

    [Fact]
    public void Of_equal_scores_the_lowest_class_wins()
    {
        Accuracy accuracy = new(3);
        TopKAccuracy second = new(3, 2);
        float[] scores = [1, 1, 1, 0, 2, 2];
        accuracy.Update(scores, [0, 1]);
        second.Update(scores, [1, 2]);
        Assert.Equal(1, accuracy.Result);
        Assert.Equal(1, second.Result);

        accuracy.Update(scores, [1, 2]);
        second.Update(scores, [2, 0]);
        Assert.Equal(0.5, accuracy.Result);
        Assert.Equal(0.5, second.Result);
    }

    [Fact]
    public void One_place_is_accuracy_and_all_places_are_always_right()
    {
        float[] scores = [3, 1, 2, 1, 3, 2, 1, 2, 3, 5, 5, 5];
        Accuracy accuracy = new(3);
        TopKAccuracy first = new(3, 1), all = new(3, 3);
        foreach (IClassMetric metric in (IClassMetric[])[accuracy, first, all])
            metric.Update(scores, [0, 0, 2, 2]);

        Assert.Equal(0.5, accuracy.Result);
        Assert.Equal(0.5, first.Result);
        Assert.Equal(1, all.Result);
        Assert.Equal("top_3_accuracy", all.Name);
    }

    [Fact]
    public void A_row_with_NaN_is_wrong_wherever_the_NaN_stands()
    {
        float[] scores = [float.NaN, 5, 1, 1, float.NaN, 9, 0, 1, 0];
        int[] labels = [1, 2, 1];
        foreach (IClassMetric metric in (IClassMetric[])[new Accuracy(3), new TopKAccuracy(3, 3), new ConfusionMatrix(3)])
        {
            metric.Update(scores, labels);
            Assert.Equal(1.0 / 3, metric.Result, 1e-15);
        }

        ConfusionMatrix matrix = new(3);
        matrix.Update(scores, labels);
        Assert.Equal(3, matrix.Total);
        Assert.Equal([0, 1, 1], [matrix.Unpredicted(0), matrix.Unpredicted(1), matrix.Unpredicted(2)]);
        Assert.Equal((0.5, 1), (matrix.Recall(1), matrix.Precision(1)));
        Assert.Equal((1, 1.0 / 3), (matrix.Precision(Averaging.Micro), matrix.Recall(Averaging.Micro)));
    }

    [Fact]
    public void A_NaN_score_ranks_against_the_model()
    {
        RocAuc auc = new();
        auc.Update([1, 2, float.NaN, 3], [0, 0, 1, 1]);
        Assert.Equal(0.5, auc.Result);

        auc.Reset();
        auc.Update([1, float.NaN, 2, 3], [0, 0, 1, 1]);
        Assert.Equal(0.5, auc.Result);

        AveragePrecision precision = new();
        precision.Update([float.NaN, float.NegativeInfinity, float.PositiveInfinity, float.NaN], [0, 0, 1, 1]);
        Assert.Equal((1.0 / 2 + 2.0 / 4) / 2, precision.Result, 1e-15);
    }

    [Fact]
    public void Without_both_kinds_of_rows_there_is_no_ranking()
    {
        RocAuc one = new(), several = new(classes: 3);
        one.Update([1, 2], [1, 1]);
        Assert.Equal(double.NaN, one.Result);

        // Class 2 has no row; the others are ranked without a fault.
        several.Update([5, 1, 0, 1, 5, 0], [0, 1]);
        Assert.Equal(1, several.Result);
        Assert.Equal(double.NaN, several.ResultOf(2));
    }

    [Fact]
    public void Zero_and_minus_zero_are_tied()
    {
        RocAuc auc = new();
        auc.Update([0f, -0f], [0, 1]);
        Assert.Equal(0.5, auc.Result);
    }

    // In float32 all of these probabilities are 1; the logits still tell them apart.
    [Fact]
    public void Logits_of_certain_rows_are_still_ranked()
    {
        RocAuc auc = new(classes: 2);
        auc.Update([40, 0, 50, 0, 60, 0, 70, 0], [1, 1, 0, 0]);
        Assert.Equal(1, auc.ResultOf(0));
        Assert.Equal(1, auc.ResultOf(1));
    }

    [Fact]
    public void Errors_of_NaN_are_NaN()
    {
        foreach (IValueMetric metric in (IValueMetric[])[new MeanAbsoluteError(), new RootMeanSquaredError(), new R2Score()])
        {
            metric.Update([1, float.NaN, 3], [1, 2, 3]);
            Assert.Equal(double.NaN, metric.Result);
        }

        MultiLabelAccuracy labels = new(2);
        labels.Update([float.NaN, -1, float.NaN, 1], [0, 0, 1, 1]);
        Assert.Equal((0.5, 0), (labels.Result, labels.SubsetAccuracy));
    }

    [Fact]
    public void R2_needs_two_rows()
    {
        R2Score score = new();
        score.Update([1], [1]);
        Assert.Equal(double.NaN, score.Result);
        score.Update([2], [2]);
        Assert.Equal(1, score.Result);
    }

    [Fact]
    public void A_threshold_is_not_above_itself()
    {
        var matrix = ConfusionMatrix.Binary(threshold: 0.5f);
        matrix.Update([0.5f, 0.6f, float.NaN], [0, 1, 1]);
        Assert.Equal((1, 1, 1), (matrix[0, 0], matrix[1, 1], matrix.Unpredicted(1)));
        MultiLabelAccuracy labels = new(1, threshold: 0.5f);
        labels.Update([0.5f, 0.6f], [0, 1]);
        Assert.Equal(1, labels.Result);
    }

    [Fact]
    public void The_mean_loss_counts_samples_and_not_batches()
    {
        MeanLoss loss = new();
        loss.Update(1, 30);
        loss.Update(4, 10);
        loss.Update(double.NaN, 0);
        Assert.Equal(1.75, loss.Result);
        loss.Update(double.NaN, 1);
        Assert.Equal(double.NaN, loss.Result);
        loss.Reset();
        loss.Update(2, 1);
        Assert.Equal(2, loss.Result);
    }

    [Fact]
    public void Rows_with_the_ignored_label_count_for_nothing()
    {
        const int ignored = -100;
        float[] scores = [1, 2, 3, 3, 2, 1, 9, 8, 7, 1, 5, 2], kept = [1, 2, 3, 3, 2, 1, 1, 5, 2];
        foreach ((IClassMetric ignoring, IClassMetric plain) in ((IClassMetric, IClassMetric)[])
            [
                (new Accuracy(3, ignored), new Accuracy(3)), (new TopKAccuracy(3, 2, ignored), new TopKAccuracy(3, 2)),
                (new ConfusionMatrix(3, ignoreLabel: ignored), new ConfusionMatrix(3)),
                (new Precision(3, ignoreLabel: ignored), new Precision(3)), (new Recall(3, ignoreLabel: ignored), new Recall(3)),
                (new F1Score(3, ignoreLabel: ignored), new F1Score(3)), (new RocAuc(3, ignoreLabel: ignored), new RocAuc(3)),
                (new AveragePrecision(3, ignoreLabel: ignored), new AveragePrecision(3)),
            ])
        {
            ignoring.Update(scores, [2, 1, ignored, 1]);
            plain.Update(kept, [2, 1, 1]);
            Assert.Equal(plain.Result, ignoring.Result);
        }

        ConfusionMatrix known = new(2, ignoreLabel: ignored);
        known.Update(predictions: [0, 1, 1], labels: [0, ignored, 1]);
        Assert.Equal((2, 1.0), (known.Total, known.Accuracy));
    }

    [Fact]
    public void Known_classes_can_be_counted_without_scores()
    {
        ConfusionMatrix matrix = new(2);
        matrix.Update(predictions: [0, 1, -1, 1], labels: [0, 0, 1, 1]);
        Assert.Equal((1, 1, 0, 1, 1), (matrix[0, 0], matrix[0, 1], matrix[1, 0], matrix[1, 1], matrix.Unpredicted(1)));
        Assert.Equal(0.5, matrix.Accuracy);
    }

    [Fact]
    public void Tables_show_counts_and_figures()
    {
        ConfusionMatrix matrix = new(2, ["cat", "big|dog"]);
        matrix.Update(predictions: [0, 0, 1, 1, 1], labels: [0, 0, 0, 1, 1]);

        Assert.Equal(
            """
            label \ predicted     cat  big|dog  recall
            cat                     2        1  0.6667
            big|dog                 0        2  1.0000
            precision          1.0000   0.6667  0.8000

            """,
            matrix.ToString(), ignoreLineEndingDifferences: true);
        Assert.Equal(
            """
            | label \\ predicted | cat | big\|dog | recall |
            | --- | ---: | ---: | ---: |
            | cat | 2 | 1 | 0.6667 |
            | big\|dog | 0 | 2 | 1.0000 |
            | precision | 1.0000 | 0.6667 | 0.8000 |

            """,
            matrix.ToMarkdown(), ignoreLineEndingDifferences: true);
        Assert.Equal(
            """
                      precision  recall      F1  rows
            cat          1.0000  0.6667  0.8000     3
            big|dog      0.6667  1.0000  0.8000     2
            accuracy                     0.8000     5
            macro        0.8333  0.8333  0.8000     5
            weighted     0.8667  0.8000  0.8000     5

            """,
            matrix.ToReport(), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Tables_show_rows_that_predict_no_class()
    {
        ConfusionMatrix matrix = new(2);
        matrix.Update(predictions: [0, -1, 1], labels: [0, 0, 1]);

        Assert.Equal(
            """
            label \ predicted       0       1  none  recall
            0                       1       0     1  0.5000
            1                       0       1     0  1.0000
            precision          1.0000  1.0000        0.6667

            """,
            matrix.ToString(), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void A_batch_that_does_not_fit_is_refused_and_nothing_of_it_counted()
    {
        foreach (IClassMetric metric in All.OfType<IClassMetric>().Where(metric => metric is not RankingMetric))
        {
            int width = metric is ConfusionMatrix { Classes: 2 } ? 1 : 3;
            metric.Update(new float[width], [0]);
            double before = metric.Result;
            Refusal.Of<ShapeException>("labels", () => metric.Update(new float[width + 1], [0]));
            float[] two = new float[2 * width];
            Refusal.Of<ArgumentOutOfRangeException>("the label of row 1 is 3", () => metric.Update(two, [0, 3]));
            Refusal.Of<ArgumentOutOfRangeException>("the label of row 0 is -1", () => metric.Update(two, [-1, 0]));
            Assert.Equal(before, metric.Result);
        }

        foreach (IValueMetric metric in All.OfType<IValueMetric>())
            Refusal.Of<ShapeException>("targets", () => metric.Update(new float[3], new float[6]));
        Refusal.Of<ShapeException>("3 for each row", () => new MultiLabelAccuracy(3).Update(new float[4], new float[4]));
        Refusal.Of<ArgumentOutOfRangeException>("expected 0 to 1", () => new RocAuc().Update([1f], [2]));
        Refusal.Of<ArgumentOutOfRangeException>(
            "class 2", () => new ConfusionMatrix(2).Update(predictions: [0, 2], labels: [0, 0]));
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Accuracy(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TopKAccuracy(3, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConfusionMatrix(1));
        Assert.Throws<ArgumentException>(() => new ConfusionMatrix(3, ["a", "b"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConfusionMatrix.Binary(float.NaN));
        Assert.Throws<ArgumentException>(() => new Precision(3, Averaging.Binary));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RocAuc().ResultOf(0));
    }

    [Fact]
    public void A_batch_allocates_nothing()
    {
        IMetric[] metrics = [.. All.Where(metric => metric is not RankingMetric)];
        float[] scores = [.. Enumerable.Range(0, 300).Select(i => (float)Math.Sin(i))];
        int[] labels = [.. Enumerable.Range(0, 100).Select(i => i % 2)];
        Update();
        long bytes = 0;
        for (int round = 0; round < 3 && (round == 0 || bytes != 0); round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
                Update();
            bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, bytes);

        void Update()
        {
            foreach (IMetric metric in metrics)
            {
                if (metric is ConfusionMatrix { Classes: 2 } binary)
                    binary.Update(scores.AsSpan(0, 100), labels);
                else if (metric is IClassMetric classes)
                    classes.Update(scores, labels);
                else if (metric is IValueMetric values)
                    values.Update(scores, scores);
                else if (metric is MeanLoss loss)
                    loss.Update(0.5, 100);
            }
        }
    }
}
