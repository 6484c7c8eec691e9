// Data sets in memory, parts of them and several in a row, what they refuse, and what is computed from their labels.

namespace CnnNative.Tests.Data;

public sealed class DatasetTests
{
    [Fact]
    public void Tensors_are_shared_and_may_be_disposed_before_the_data_set()
    {
        Tensor inputs = Tensor.FromSpan([1, 2, 3, 4, 5, 6], (3, 1, 2, 1)), targets = Tensor.FromSpan([0, 1, 2], 3);
        using TensorDataset dataset = new(inputs, targets, ["a", "b", "c"]);
        inputs[1, 0, 1, 0] = 40;
        inputs.Dispose();
        targets.Dispose();

        Assert.Equal("1x2x1 -> 1 (3 classes)", dataset.Schema.ToString());
        Assert.Equal(3, dataset.Count);
        Assert.Equal([3, 40], Input(dataset, 1));
        Assert.Equal(2, dataset.LabelOf(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Input(dataset, 3));
    }

    [Fact]
    public void Several_inputs_and_targets_are_read_together()
    {
        using Tensor first = Tensor.FromSpan([1, 2], (2, 1)), second = Tensor.FromSpan([3, 4, 5, 6], (2, 2));
        using Tensor mask = Tensor.FromSpan([7, 8], 2);
        using TensorDataset dataset = new([("left", first), ("right", second)], [("mask", mask), ("again", first)]);
        SampleBuffer buffer = new(dataset.Schema);

        dataset.Read(1, buffer.Sample);

        Assert.Equal([2], buffer.GetInput(0).ToArray());
        Assert.Equal([5, 6], buffer.GetInput(1).ToArray());
        Assert.Equal([8], buffer.GetTarget(0).ToArray());
        Assert.Equal([2], buffer.GetTarget(1).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Sample.GetInput(2).Length);
        Assert.Throws<InvalidOperationException>(() => dataset.LabelOf(0));
    }

    // Every length passes through the vectors and through what is left behind them.
    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(49)]
    public void Bytes_become_the_floats_of_a_division(int size)
    {
        byte[] pixels = [.. Enumerable.Range(0, 3 * size).Select(i => (byte)(i * 37))];
        TensorDataset dataset = TensorDataset.FromBytes(pixels, (1, size, 1), new byte[] { 0, 1, 1 }, ["no", "yes"]);

        for (int i = 0; i < 3; i++)
            Assert.Equal(pixels.Skip(i * size).Take(size).Select(value => value / 255f), Input(dataset, i));
        Assert.Equal(1, dataset.LabelOf(1));
    }

    [Fact]
    public void Data_that_nothing_can_be_learnt_from_is_refused_with_its_place()
    {
        float[] inputs = [1, 2, 3, 4, 5, float.NaN];
        DataException error = Assert.Throws<DataException>(() => new TensorDataset(inputs, 2, new float[] { 0, 1, 0 }, 1));
        Assert.Equal("TensorDataset: value 1 of sample 2 of the field 'input' is NaN, expected finite numbers.", error.Message);
        Assert.Equal(2, error.SampleIndex);

        inputs[5] = 6;
        Assert.Equal(
            "TensorDataset: the label of sample 1 is 2, expected a whole number from 0 to 1.",
            Assert.Throws<DataException>(() => new TensorDataset(inputs, 2, new float[] { 0, 2, 0 }, 1, ["a", "b"])).Message);
        Assert.Equal(
            "TensorDataset: the label of sample 2 is 7, expected a whole number from 0 to 1.",
            Assert.Throws<DataException>(
                () => TensorDataset.FromBytes(new byte[6], (1, 2, 1), new byte[] { 0, 1, 7 }, ["a", "b"])).Message);
        Assert.Equal(
            "TensorDataset: the field 'target' has 2 samples, 'input' has 3; expected the same number.",
            Assert.Throws<ShapeException>(() => new TensorDataset(inputs, 2, new float[] { 0, 1 }, 1)).Message);
        Assert.Equal(
            "TensorDataset: the field 'input' has 6 values, expected a multiple of 4, which a sample of 4 has.",
            Assert.Throws<ShapeException>(() => new TensorDataset(inputs, 4, new float[] { 0, 1 }, 1)).Message);
        Assert.Throws<ArgumentException>(() => new TensorDataset(inputs, 2, new float[3], 1, []));
        Assert.Throws<ArgumentException>(() => new TensorDataset(inputs, 2, new float[6], 2, ["a"]));
    }

    [Fact]
    public void Subsets_and_rows_of_data_sets_point_at_the_right_samples()
    {
        NumberedDataset ten = new(10, classes: 3);
        Subset subset = new(ten, [9, 2, 2]);
        ConcatDataset all = new(subset, ten, ten.Slice(4, 2));

        Assert.Equal(
            [9, 2, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 4, 5], Enumerable.Range(0, all.Count).Select(i => (int)Input(all, i)[0]));
        Assert.Equal("number-9.png", all.NameOf(0));
        Assert.Equal(1, all.LabelOf(13));
        Assert.Throws<ArgumentOutOfRangeException>(() => all.LabelOf(15));
        Assert.Throws<ArgumentOutOfRangeException>(() => subset.LabelOf(-1));
        Assert.Throws<ArgumentException>(() => new Subset(ten, [10]));
        Assert.Throws<ArgumentException>(() => new Subset(ten, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => ten.Slice(9, 2));
        Assert.Contains(
            "2x3x1 -> 1, the first one of 2x3x1 -> 1 (3 classes)",
            Assert.Throws<ArgumentException>(
                () => new ConcatDataset(ten, new NumberedDataset(3))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.1, false)]
    [InlineData(0.1, true)]
    [InlineData(0.5, true)]
    [InlineData(0.93, false)]
    public void A_split_has_each_sample_in_one_part_and_the_asked_share_in_the_second(double fraction, bool stratified)
    {
        // Class 0 is nine times as frequent as class 1.
        NumberedDataset dataset = new(200, classes: 2) { Label = i => i % 10 == 0 ? 1 : 0 };
        (Subset train, Subset validation) = dataset.Split(fraction, seed: 5, stratified);
        int[] first = train.Indices.ToArray(), second = validation.Indices.ToArray();

        Assert.Equal(Enumerable.Range(0, 200), first.Concat(second).Order());
        Assert.Equal((int)Math.Round(200 * fraction), second.Length);
        Assert.Equal(second, second.Order());
        Assert.Equal(second, dataset.Split(fraction, 5, stratified).Validation.Indices.ToArray());
        Assert.NotEqual(second, dataset.Split(fraction, 6, stratified).Validation.Indices.ToArray());
        if (stratified)
            Assert.Equal((int)(20 * fraction), second.Count(i => i % 10 == 0));
    }

    [Fact]
    public void A_split_without_a_second_part_or_without_labels_is_refused()
    {
        Assert.Contains("gives 3 for training and 0", Refused(() => new NumberedDataset(3).Split(0.1)), StringComparison.Ordinal);
        Assert.Contains(
            "no class labels", Refused(() => new NumberedDataset(30).Split(0.1, 0, stratified: true)), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new NumberedDataset(30).Split(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NumberedDataset(30).Split(double.NaN));

        static string Refused(Action split) => Assert.Throws<ArgumentException>(split).Message;
    }

    [Fact]
    public void Class_weights_give_every_class_the_same_sum()
    {
        NumberedDataset dataset = new(20, classes: 3) { Label = i => i < 10 ? 0 : i < 15 ? 1 : 2 };

        // n / (classes * count): 20 / 30, 20 / 15, 20 / 15.
        Assert.Equal([2 / 3f, 4 / 3f, 4 / 3f], ClassWeights.Of(dataset));
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => ClassWeights.Of(new NumberedDataset(20, classes: 3) { Label = _ => 0 }));
        Assert.Contains("'class 1' has no samples", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_balanced_sampler_draws_rare_classes_as_often_and_none_twice_before_all_came()
    {
        NumberedDataset dataset = new(100, classes: 2) { Label = i => i < 90 ? 0 : 1 };
        BalancedSampler sampler = new(dataset);
        int[] order = new int[100], again = new int[100], next = new int[100];
        sampler.Draw(order, 7, 0);
        sampler.Draw(again, 7, 0);
        sampler.Draw(next, 7, 1);

        Assert.Equal(order, again);
        Assert.NotEqual(order, next);
        Assert.Equal(50, order.Count(i => i >= 90));
        Assert.All(Enumerable.Range(90, 10), rare => Assert.Equal(5, order.Count(i => i == rare)));
        Assert.Equal(50, order.Where(i => i < 90).Distinct().Count());
        // Both halves of the order hold both classes: it was shuffled. 50 of 100 places all in one half has chance 2^-96.
        Assert.InRange(order.Take(50).Count(i => i >= 90), 1, 49);
    }

    [Fact]
    public void A_balanced_sampler_follows_weights_and_refuses_those_that_it_cannot()
    {
        NumberedDataset dataset = new(30, classes: 3) { Label = i => i % 2 };
        BalancedSampler sampler = new(dataset, [3, 1, 0], count: 10);
        int[] order = new int[10];
        sampler.Draw(order, 1, 2);

        // 7.5 and 2.5 have equal remainders; the first class is rounded up.
        Assert.Equal(8, order.Count(i => i % 2 == 0));
        Assert.Contains("'class 2' has no samples", Refused(() => _ = new BalancedSampler(dataset)), StringComparison.Ordinal);
        Assert.Contains("2 weights", Refused(() => _ = new BalancedSampler(dataset, [1, 1])), StringComparison.Ordinal);
        Assert.Contains(
            "expected one each", Refused(() => _ = new BalancedSampler(dataset, [1, -1, 0])), StringComparison.Ordinal);
        Assert.Contains(
            "expected one each", Refused(() => _ = new BalancedSampler(dataset, [0, 0, 0])), StringComparison.Ordinal);

        static string Refused(Action make) => Assert.Throws<ArgumentException>(make).Message;
    }

    private static float[] Input(IDataset dataset, int index)
    {
        SampleBuffer buffer = new(dataset.Schema);
        dataset.Read(index, buffer.Sample);
        return buffer.GetInput(0).ToArray();
    }
}
