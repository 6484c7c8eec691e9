// MixUp and CutMix: which values end up where, that labels follow the pixels, and which data they refuse.

namespace CnnNative.Tests.Data;

public sealed class BatchMixingTests
{
    private const int Height = 8, Width = 10;

    [Theory]
    [InlineData(6)]
    [InlineData(7)]
    public void Mixup_weighs_pictures_and_labels_with_one_weight(int count)
    {
        foreach ((float[] images, float[] targets, int[] order) in Batches(new MixUp(1), count))
        {
            float own = OwnShare(targets, order);
            for (int i = 0; i < count; i++)
            {
                int partner = order[count - 1 - i];
                // One product and one sum of float32 below 2 * count.
                Assert.All(
                    images[(i * Height * Width)..((i + 1) * Height * Width)],
                    value => Assert.Equal(own * order[i] + (1 - own) * partner, value, 4 * count * Math.Pow(2, -24)));
                AssertLabel(targets, i, order[i], partner, own);
            }
        }
    }

    [Theory]
    [InlineData(6)]
    [InlineData(7)]
    public void Cutmix_exchanges_a_rectangle_and_weighs_labels_by_area(int count)
    {
        HashSet<int> areas = [];
        foreach ((float[] images, float[] targets, int[] order) in Batches(new CutMix(), count))
        {
            for (int i = 0; i < count; i++)
            {
                float[] image = images[(i * Height * Width)..((i + 1) * Height * Width)];
                int partner = order[count - 1 - i];
                int[] foreign = [.. Enumerable.Range(0, image.Length).Where(j => image[j] == partner && partner != order[i])];
                Assert.All(image, value => Assert.True(value == partner || value == order[i]));
                if (partner == order[i])
                    continue;
                int rows = foreign.Select(j => j / Width).Distinct().Count();
                int columns = foreign.Select(j => j % Width).Distinct().Count();
                Assert.Equal(rows * columns, foreign.Length);
                areas.Add(foreign.Length);
                AssertLabel(targets, i, order[i], partner, 1 - (float)foreign.Length / (Height * Width));
            }
        }

        Assert.True(areas.Count > 5);
    }

    [Fact]
    public void A_choice_of_mixings_uses_each_of_them()
    {
        int whole = 0, mixed = 0;
        foreach ((float[] images, _, int[] order) in Batches(new OneOfMixing(new MixUp(4), new CutMix()), 6))
        {
            if (images.All(value => order.Contains((int)value) && value == MathF.Floor(value)))
                whole++;
            else
                mixed++;
        }

        // Of twenty epochs all go one way with a probability of 2e-6, and the seed is fixed.
        Assert.InRange(whole, 1, 19);
        Assert.InRange(mixed, 1, 19);
    }

    [Fact]
    public void The_schema_has_a_row_of_probabilities_and_data_without_classes_is_refused()
    {
        using DataLoader loader = new(new Numbers(6), new() { BatchSize = 3, Mixing = new MixUp() });

        Assert.Equal("8x10x1 -> 7", loader.Schema.ToString());
        Assert.Contains(
            "CutMix: the samples are 2",
            Assert.Throws<ArgumentException>(
                () => Mix(new TensorDataset(new float[4], 2, new float[2], 1, ["a"]), new CutMix())).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "expected one input and a class label",
            Assert.Throws<ArgumentException>(
                () => Mix(new NumberedDataset(4, inputs: 2, classes: 2), new MixUp())).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new MixUp(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CutMix(double.NaN));
        Assert.Throws<ArgumentException>(() => new OneOfMixing());

        static void Mix(IDataset dataset, BatchMixing mixing)
        {
            using DataLoader loader = new(dataset, new() { BatchSize = 2, Mixing = mixing });
        }
    }

    private static float OwnShare(float[] targets, int[] order)
    {
        // The first sample tells the weight, unless its partner has the same class.
        float own = targets[order[0] % Numbers.Classes];
        Assert.InRange(own, 0, 1);
        return order[0] % Numbers.Classes == order[^1] % Numbers.Classes ? 1 : own;
    }

    private static void AssertLabel(float[] targets, int row, int sample, int partner, float own)
    {
        float[] expected = new float[Numbers.Classes];
        expected[sample % Numbers.Classes] += own;
        expected[partner % Numbers.Classes] += 1 - own;
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], targets[row * Numbers.Classes + i], 1e-6);
    }

    /// <summary>The only batch of twenty epochs.</summary>
    private static IEnumerable<(float[] Images, float[] Targets, int[] Order)> Batches(BatchMixing mixing, int count)
    {
        using DataLoader loader = new(
            new Numbers(count), new() { BatchSize = count, Shuffle = true, Mixing = mixing, Workers = 0 });
        for (int epoch = 0; epoch < 20; epoch++)
        {
            foreach (Batch batch in loader.Open(epoch, 0, TestContext.Current.CancellationToken))
                yield return (batch.Inputs[0].ToArray(), batch.Targets[0].ToArray(), batch.Indices.ToArray());
        }
    }

    /// <summary>Pictures of nothing but their index.</summary>
    private sealed class Numbers(int count) : IDataset
    {
        public const int Classes = 7;

        public int Count => count;

        public DataSchema Schema { get; } =
            DataSchema.OfLabeledImages((Height, Width, 1), [.. Enumerable.Range(0, Classes).Select(i => $"{i}")]);

        public void Read(int index, in Sample sample)
        {
            sample.Input.Fill(index);
            sample.Target[0] = index % Classes;
        }
    }
}
