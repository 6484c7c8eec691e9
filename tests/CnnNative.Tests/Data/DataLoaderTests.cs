// Batches: which samples they hold, that threads change nothing, that memory is reused, and what happens when a sample is bad,
// the run is cancelled, or a batch is used after it went back.

namespace CnnNative.Tests.Data;

public sealed class DataLoaderTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(10, 4, false, new[] { 4, 4, 2 })]
    [InlineData(10, 4, true, new[] { 4, 4 })]
    [InlineData(10, 5, false, new[] { 5, 5 })]
    [InlineData(10, 10, true, new[] { 10 })]
    [InlineData(1, 1, false, new[] { 1 })]
    public void An_epoch_has_each_sample_once_in_batches_of_the_size(int count, int size, bool dropLast, int[] expected)
    {
        using DataLoader loader = new(new NumberedDataset(count), new() { BatchSize = size, DropLast = dropLast });
        List<int> counts = [], seen = [];
        foreach (Batch batch in loader.Open(0, 0, Stop))
        {
            Assert.Equal(seen.Count, batch.Position);
            Assert.Equal(counts.Count, batch.Index);
            counts.Add(batch.Count);
            Assert.Equal(new Shape(batch.Count, 2, 3, 1), batch.Inputs[0].Shape);
            Assert.Equal(new Shape(batch.Count, 1), batch.Targets[0].Shape);
            seen.AddRange(batch.Targets[0].ToArray().Select(value => (int)value));
            Assert.Equal(batch.Targets[0].ToArray().Select(value => (int)value), batch.Indices.ToArray());
            for (int i = 0; i < batch.Count; i++)
                Assert.Equal(batch.Indices[i], batch.Inputs[0][i, 1, 2, 0]);
        }

        Assert.Equal(expected, counts);
        Assert.Equal(loader.BatchesPerEpoch, counts.Count);
        Assert.Equal(Enumerable.Range(0, expected.Sum()), seen);
    }

    [Fact]
    public void Every_field_of_a_sample_gets_a_tensor_of_its_own()
    {
        using DataLoader loader = new(new NumberedDataset(5, inputs: 3, targets: 2), new() { BatchSize = 2 });
        foreach (Batch batch in loader.Open(0, 0, Stop))
        {
            for (int field = 0; field < 3; field++)
                Assert.Equal(batch.Indices[^1] + 1000 * field, batch.Inputs[field][batch.Count - 1, 0, 0, 0]);
            Assert.Equal(batch.Indices[0] + 1000, batch.Targets[1][0, 0]);
        }
    }

    [Fact]
    public void Each_epoch_is_shuffled_in_its_own_way_and_the_same_one_again_in_the_same_way()
    {
        using DataLoader loader = new(new NumberedDataset(100), new() { BatchSize = 10, Shuffle = true, Seed = 3 });
        int[] first = Order(loader, 0), second = Order(loader, 1);

        Assert.Equal(Enumerable.Range(0, 100), first.Order());
        Assert.NotEqual(first, Enumerable.Range(0, 100));
        Assert.NotEqual(first, second);
        Assert.Equal(first, Order(loader, 0));
        using DataLoader otherSeed = new(loader.Dataset, loader.Options with { Seed = 4 });
        Assert.NotEqual(first, Order(otherSeed, 0));
    }

    [Fact]
    public void The_bits_are_the_same_for_any_number_of_workers_and_any_prefetch()
    {
        DataLoaderOptions options = new()
        {
            BatchSize = 7,
            Shuffle = true,
            Seed = 11,
            Workers = 0,
            Augmentation = new Augmentation(new RandomRotation(30), new RandomHorizontalFlip(), new RandomShift(1)),
            Mixing = new MixUp(1),
        };
        IDataset dataset = new NumberedDataset(50, classes: 5);
        float[][] expected = Values(dataset, options);
        foreach (int workers in new[] { 1, 2, 3, 8 })
        {
            // The samples take times of their own, so that the workers overtake each other.
            NumberedDataset slow = new(50, classes: 5) { OnRead = index => Thread.SpinWait(index * 7919 % 20000) };
            float[][] values = Values(slow, options with { Workers = workers, Prefetch = workers });
            Assert.Equal(expected.Length, values.Length);
            for (int i = 0; i < values.Length; i++)
                Assert.Equal(expected[i], values[i]);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void An_epoch_can_go_on_in_the_middle(int workers)
    {
        DataLoaderOptions options = new()
        {
            BatchSize = 6,
            Shuffle = true,
            Workers = workers,
            Augmentation = new Augmentation(new RandomRotation(30)),
        };
        using DataLoader loader = new(new NumberedDataset(50), options);
        List<float[]> all = [.. Read(loader, 2, 0)];

        for (int start = 0; start <= loader.BatchesPerEpoch; start++)
            Assert.Equal(all.Skip(start), Read(loader, 2, start));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Open(2, loader.BatchesPerEpoch + 1, Stop));
    }

    [Fact]
    public void After_the_first_batches_nothing_is_allocated()
    {
        DataLoaderOptions options = new()
        {
            BatchSize = 4,
            Shuffle = true,
            Workers = 0,
            Augmentation = new Augmentation(new RandomRotation(10), new ElasticDistortion(2, 1), new RandomCrop(2, 3, 1)),
            Mixing = new CutMix(),
        };
        using DataLoader loader = new(new NumberedDataset(402, classes: 3), options);
        Consume(loader.Open(0, 0, Stop));
        using DataEpoch epoch = loader.Open(1, 0, Stop);
        epoch.MoveNext();

        long before = GC.GetAllocatedBytesForCurrentThread();
        while (epoch.MoveNext())
            _ = epoch.Current.Inputs[0].ElementCount;
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Workers_run_ahead_by_the_prefetched_batches_and_no_further()
    {
        int read = 0;
        NumberedDataset dataset = new(1000) { OnRead = _ => Interlocked.Increment(ref read) };
        using DataLoader loader = new(dataset, new() { BatchSize = 10, Workers = 2, Prefetch = 3 });
        using DataEpoch epoch = loader.Open(0, 0, Stop);
        Assert.True(epoch.MoveNext());

        // One batch is in use and three may be ready.
        SpinWait.SpinUntil(() => Volatile.Read(ref read) == 40, TimeSpan.FromSeconds(20));
        Thread.Sleep(20);
        Assert.Equal(40, Volatile.Read(ref read));
        epoch.Current.Dispose();
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref read) == 50, TimeSpan.FromSeconds(20)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void A_sample_that_cannot_be_read_is_named_after_the_batches_before_it_were_given(int workers)
    {
        NumberedDataset dataset = new(50)
        {
            OnRead = index => _ = index == 23 ? throw new InvalidDataException("The picture is cut off.") : 0,
        };
        using DataLoader loader = new(dataset, new() { BatchSize = 5, Workers = workers });
        using DataEpoch epoch = loader.Open(0, 0, Stop);
        for (int i = 0; i < 4; i++)
            Assert.True(epoch.MoveNext());

        DataException error = Assert.Throws<DataException>(() => epoch.MoveNext());

        Assert.Equal("Sample 23, number-23.png: The picture is cut off.", error.Message);
        Assert.Equal((23, "number-23.png"), (error.SampleIndex, error.SampleName));
        Assert.IsType<InvalidDataException>(error.InnerException);
    }

    public static TheoryData<float, float, string> BadSamples => new()
    {
        { float.NaN, 0, "Sample 7, number-7.png: value 0 of its input0 is NaN, expected finite numbers." },
        { float.NegativeInfinity, 0, "Sample 7, number-7.png: value 0 of its input0 is -Infinity, expected finite numbers." },
        { 0, 3, "Sample 7, number-7.png: its label is 3, expected a whole number from 0 to 2." },
        { 0, -1, "Sample 7, number-7.png: its label is -1, expected a whole number from 0 to 2." },
        { 0, 0.5f, "Sample 7, number-7.png: its label is 0.5, expected a whole number from 0 to 2." },
        { 0, float.NaN, "Sample 7, number-7.png: value 0 of its target0 is NaN, expected finite numbers." },
    };

    [Theory]
    [MemberData(nameof(BadSamples))]
    public void Values_that_nothing_can_be_learnt_from_are_refused(float value, float label, string expected)
    {
        NumberedDataset dataset = new(10, classes: 3) { Value = i => i == 7 ? value : 0, Label = i => i == 7 ? label : 0 };
        foreach (BatchMixing? mixing in new BatchMixing?[] { null, new MixUp() })
        {
            using DataLoader loader = new(dataset, new() { BatchSize = 10, Mixing = mixing });
            using DataEpoch epoch = loader.Open(0, 0, Stop);

            Assert.Equal(expected, Assert.Throws<DataException>(() => epoch.MoveNext()).Message);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_cancelled_epoch_stops_within_a_batch_and_the_loader_can_be_used_again(int workers)
    {
        using CancellationTokenSource cancelled = new();
        NumberedDataset dataset = new(30) { OnRead = index => { if (index == 13) cancelled.Cancel(); } };
        using DataLoader loader = new(dataset, new() { BatchSize = 5, Workers = workers, Prefetch = 1 });
        using (DataEpoch epoch = loader.Open(0, 0, cancelled.Token))
        {
            int given = 0;
            Assert.Throws<OperationCanceledException>(() => { while (epoch.MoveNext()) given++; });
            Assert.InRange(given, 0, 2);
        }

        Assert.Equal(Enumerable.Range(0, 30), Order(loader, 0));
    }

    [Fact]
    public void Waiting_for_a_slow_sample_can_be_cancelled()
    {
        using ManualResetEventSlim release = new();
        NumberedDataset dataset = new(4) { OnRead = _ => release.Wait(Stop) };
        using CancellationTokenSource cancelled = new(TimeSpan.FromMilliseconds(30));
        using DataLoader loader = new(dataset, new() { BatchSize = 2 });
        DataEpoch epoch = loader.Open(0, 0, cancelled.Token);

        Assert.Throws<OperationCanceledException>(() => epoch.MoveNext());
        release.Set();
        epoch.Dispose();
    }

    [Fact]
    public void A_batch_says_so_when_it_is_used_after_it_went_back()
    {
        using DataLoader loader = new(new NumberedDataset(10), new() { BatchSize = 3 });
        using DataEpoch epoch = loader.Open(0, 0, Stop);
        Assert.Throws<InvalidOperationException>(() => epoch.Current);
        epoch.MoveNext();
        Batch batch = epoch.Current;
        batch.Dispose();
        batch.Dispose();

        Assert.Throws<ObjectDisposedException>(() => batch.Inputs);
        Assert.Throws<ObjectDisposedException>(() => batch.Indices.Length);
        Assert.Throws<InvalidOperationException>(() => epoch.Current);
        Assert.True(epoch.MoveNext());
    }

    [Fact]
    public void An_epoch_that_is_left_early_ends_its_workers()
    {
        using DataLoader loader = new(new NumberedDataset(1000), new() { BatchSize = 2, Workers = 4, Prefetch = 8 });
        foreach (Batch batch in loader.Open(0, 0, Stop))
        {
            if (batch.Index == 3)
                break;
        }

        Assert.Equal(1000, Order(loader, 1).Length);
        DataEpoch open = loader.Open(2, 0, Stop);
        Assert.Contains("epoch 2 is still open", Assert.Throws<InvalidOperationException>(() => loader.Open(3, 0, Stop)).Message);
        loader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => open.MoveNext());
        Assert.Throws<ObjectDisposedException>(() => loader.Open(0, 0, Stop));
    }

    [Fact]
    public void Options_that_cannot_be_met_are_refused_with_what_was_found()
    {
        IDataset dataset = new NumberedDataset(100);

        Assert.Equal(
            "DataLoader: the batch size is 128 and the data set has 100 samples; expected 1 to 100.",
            Refused(dataset, new() { BatchSize = 128 }));
        Assert.Contains("0 to 1024 workers", Refused(dataset, new() { Workers = -1 }), StringComparison.Ordinal);
        Assert.Contains("1 to 32767 batches", Refused(dataset, new() { Prefetch = 0 }), StringComparison.Ordinal);
        Assert.Contains("class names", Refused(dataset, new() { Mixing = new MixUp() }), StringComparison.Ordinal);
        Assert.Contains(
            "a window of 9x9 does not fit into pictures of 2x3x1",
            Refused(dataset, new() { Augmentation = new Augmentation(new RandomCrop(9, 9)) }), StringComparison.Ordinal);
        Assert.Contains(
            "drew sample 99", Refused(new NumberedDataset(50), new() { BatchSize = 9, Sampler = new LastFirst(100) }),
            StringComparison.Ordinal);

        static string Refused(IDataset dataset, DataLoaderOptions options) => Assert.ThrowsAny<ArgumentException>(() =>
        {
            using DataLoader loader = new(dataset, options);
            loader.Open(0, 0, Stop).Dispose();
        }).Message;
    }

    [Fact]
    public void A_sampler_decides_the_order_and_repeated_samples_are_augmented_apart()
    {
        DataLoaderOptions options = new()
        {
            BatchSize = 8,
            Sampler = new LastFirst(8, repeats: 8),
            Augmentation = new Augmentation(new GaussianNoise(1)),
        };
        using DataLoader loader = new(new NumberedDataset(8), options);
        float[] values = Assert.Single(Read(loader, 0, 0));

        Assert.Equal(8 * 6, values.Distinct().Count());
        Assert.Equal([7, 7, 7, 7, 7, 7, 7, 7], Order(loader, 0));
    }

    private static int[] Order(DataLoader loader, int epoch)
    {
        List<int> order = [];
        foreach (Batch batch in loader.Open(epoch, 0, Stop))
            order.AddRange(batch.Indices);
        return [.. order];
    }

    private static List<float[]> Read(DataLoader loader, int epoch, int startBatch)
    {
        List<float[]> values = [];
        foreach (Batch batch in loader.Open(epoch, startBatch, Stop))
            values.Add(batch.Inputs[0].ToArray());
        return values;
    }

    private static float[][] Values(IDataset dataset, DataLoaderOptions options)
    {
        using DataLoader loader = new(dataset, options);
        List<float[]> values = [];
        for (int epoch = 0; epoch < 2; epoch++)
        {
            foreach (Batch batch in loader.Open(epoch, 0, Stop))
            {
                values.Add(batch.Inputs[0].ToArray());
                values.Add(batch.Targets[0].ToArray());
            }
        }

        return [.. values];
    }

    private static void Consume(DataEpoch epoch)
    {
        foreach (Batch batch in epoch)
            _ = batch.Count;
    }

    /// <summary>The last samples, each so many times.</summary>
    private sealed class LastFirst(int count, int repeats = 1) : ISampler
    {
        public int Count => count;

        public void Draw(Span<int> order, ulong seed, int epoch)
        {
            for (int i = 0; i < count; i++)
                order[i] = count - 1 - i / repeats;
        }
    }

    [Fact]
    public void A_target_that_is_a_picture_is_not_torn_from_its_input()
    {
        using Tensor inputs = Tensor.Zeros((4, 6, 5, 3)), masks = Tensor.Zeros((4, 6, 5, 1));
        using TensorDataset data = new(inputs, masks);

        ArgumentException error = Assert.Throws<ArgumentException>(() => new DataLoader(
            data,
            new DataLoaderOptions
            {
                BatchSize = 2,
                Augmentation = new Augmentation(new RandomBrightness(0.1f), new RandomHorizontalFlip()),
            }));

        Assert.Contains("6x5x1 is a picture, which RandomHorizontalFlip would not move", error.Message, StringComparison.Ordinal);
        DataLoaderOptions noise = new() { BatchSize = 2, Augmentation = new Augmentation(new GaussianNoise(0.1f)) };
        new DataLoader(data, noise).Dispose();
    }

    [Fact]
    public void Pictures_are_normalised_behind_an_augmentation_and_before_a_network()
    {
        using Tensor inputs = Tensor.Full((4, 2, 2, 3), 0.5f), labels = Tensor.Zeros((4, 1));
        using TensorDataset data = new(inputs, labels, ["a"]);
        Preprocessing preprocessing = new() { Size = 2, Mean = [0.25f, 0, 0], Deviation = [0.5f] };
        IDataset prepared = data.Preprocessed(preprocessing);
        Subset half = new(prepared, [1, 3]);

        foreach (IDataset dataset in new[] { prepared, half })
        {
            using DataLoader loader = new(
                dataset, new DataLoaderOptions { BatchSize = 2, Augmentation = new Augmentation(new Halving()) });
            using DataEpoch epoch = loader.Open(0, 0, Stop);
            Assert.True(epoch.MoveNext());

            // A quarter less a quarter, and a quarter, twice.
            Assert.Equal([0f, 0.5f, 0.5f], epoch.Current.Inputs[0].ToArray().Take(3));
        }

        Assert.Equal([0.5f, 1f, 1f], DataFolder.Input(prepared, 0).Take(3));
        Assert.Same(data, data.Preprocessed(null));
    }

    /// <summary>Works on pixels: what it would make of other numbers shows.</summary>
    private sealed class Halving : AugmentationStep
    {
        public override bool Apply(Shape shape, Span<float> image, Span<float> destination, ref SampleRandom random)
        {
            foreach (ref float value in image)
            {
                value /= 2;
            }

            return false;
        }
    }
}
