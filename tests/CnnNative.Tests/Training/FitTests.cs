// Training of models on data sets: that they learn, that chance is the same for any number of threads, and what stops a training.

using Microsoft.Extensions.Logging;

namespace CnnNative.Tests.Training;

public sealed class FitTests
{
    [Fact]
    public void A_model_learns_and_tells_about_it()
    {
        using TensorDataset data = FitScenario.Data();
        using Model model = FitScenario.CreateModel();
        List<TrainingProgress> reports = [];
        FitOptions options = new()
        {
            Epochs = 12,
            BatchSize = 16,
            ValidationFraction = 0.2,
            Optimizer = new AdamW(0.02),
        };

        TrainingResult result = model.Train(data, options, new Listener(reports.Add));

        Assert.Equal(TrainingEnd.Finished, result.End);
        Assert.Equal(12, result.History.Count);
        Assert.Equal(12 * 5, result.Steps);
        Assert.Equal(12 * 72, result.Samples);
        Assert.Equal(["loss", "accuracy"], result.History.TrainingNames);
        Assert.Equal(["loss", "accuracy"], result.History.ValidationNames);
        Assert.True(result.Last!.Validation["accuracy"] > 0.9, FitScenario.Text(result.History));
        Assert.Equal(data.Schema.ClassNames, model.ClassNames);
        Assert.Equal(12, reports.Count(report => report.Finished is not null));
        Assert.Equal(TimeSpan.Zero, reports[^1].Remaining);
        Assert.Equal(result.History, reports.Select(report => report.Finished).OfType<EpochRecord>());
        Assert.True(result.Memory.Batches > 0 && result.Memory.Workspace > 0);

        Evaluation evaluation = model.Evaluate(data, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(90, evaluation.Samples);
        Assert.True(evaluation["accuracy"] > 0.9, $"{evaluation["accuracy"]}");
        using Tensor input = Tensor.Zeros((1, 8, 8, 1)), output = model.Predict(input);
        Assert.Equal((1, 3), output.Shape);
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 3)]
    [InlineData(1, 0)]
    public void Any_number_of_threads_and_workers_gives_the_same_bits(int threads, int workers)
    {
        (float[] expected, string history) = FitScenario.Train(FitScenario.Random() with { Threads = 1, Workers = 2 });
        (float[] actual, string same) = FitScenario.Train(FitScenario.Random() with { Threads = threads, Workers = workers });
        Assert.Equal(expected, actual);
        Assert.Equal(history, same);
    }

    [Fact]
    public void Another_seed_gives_another_training()
    {
        (float[] first, _) = FitScenario.Train(FitScenario.Random(1));
        (float[] second, _) = FitScenario.Train(FitScenario.Random(1) with { Seed = 8 });
        Assert.NotEqual(first, second);
    }

    [Theory]
    [InlineData(false, 6, 90)]
    [InlineData(true, 5, 80)]
    public void The_smaller_last_batch_is_trained_on_unless_it_is_dropped(bool drop, int steps, int samples)
    {
        using TensorDataset data = FitScenario.Data();
        using Model model = FitScenario.CreateModel();
        TrainingResult result = model.Train(data, new FitOptions { Epochs = 1, BatchSize = 16, DropLast = drop });
        Assert.Equal(steps, result.Steps);
        Assert.Equal(samples, result.Samples);
    }

    [Fact]
    public void The_end_of_an_epoch_ends_an_accumulation()
    {
        using TensorDataset data = FitScenario.Data();
        using Model model = FitScenario.CreateModel();
        TrainingResult result = model.Train(data, new FitOptions { Epochs = 2, BatchSize = 16, AccumulationSteps = 4 });
        Assert.Equal(2 * 2, result.Steps);
    }

    [Fact]
    public void Frozen_layers_keep_their_bits_and_their_statistics()
    {
        using TensorDataset data = FitScenario.Data();
        using Model model = FitScenario.CreateModel();
        float[] weights = model.Graph.Parameter("conv1.weight").Value.ToArray();
        float[] mean = model.Graph.Parameter("bn1.mean").Value.ToArray();
        float[] head = model.Graph.Parameter("fc1.weight").Value.ToArray();
        model.Train(data, new FitOptions { Epochs = 1, Freeze = ["conv1", "bn1"] });
        Assert.Equal(weights, model.Graph.Parameter("conv1.weight").Value.ToArray());
        Assert.Equal(mean, model.Graph.Parameter("bn1.mean").Value.ToArray());
        Assert.NotEqual(head, model.Graph.Parameter("fc1.weight").Value.ToArray());
    }

    [Fact]
    public void A_step_that_fails_leaves_the_weights_of_the_last_good_one()
    {
        using TensorDataset data = FitScenario.Data();
        using Model model = FitScenario.CreateModel(), sooner = FitScenario.CreateModel();
        FitOptions options = new() { Epochs = 5, BatchSize = 16, Optimizer = new Sgd(1e30), Shuffle = false };
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => model.Train(data, options));
        Assert.NotNull(error.Origin);
        Assert.True(error.Step > 0);

        // The same training, ended by hand after the last good step.
        using DataLoader loader = new(data, new DataLoaderOptions { BatchSize = 16 });
        using Trainer trainer = new(sooner.Graph, new TrainerOptions { Optimizer = options.Optimizer });
        using DataEpoch epoch = loader.Open(0, cancellationToken: TestContext.Current.CancellationToken);
        while (trainer.Steps < error.Step && epoch.MoveNext())
        {
            trainer.Step(epoch.Current.Inputs, epoch.Current.Targets);
        }

        Assert.Equal(FitScenario.Values(sooner), FitScenario.Values(model));
    }

    [Fact]
    public void The_best_epoch_is_given_back_when_a_training_stops_early()
    {
        using TensorDataset data = FitScenario.Data(), other = FitScenario.Data(seed: 2);
        using Model model = FitScenario.CreateModel();
        Recorder recorder = new(_ => true);
        FitOptions options = new()
        {
            Epochs = 40,
            BatchSize = 30,
            Optimizer = new Sgd(0.5) { Momentum = 0.9 },
            Validation = other,
            EarlyStopping = new EarlyStopping { Patience = 2 },
            Callbacks = [recorder],
        };

        TrainingResult result = model.Train(data, options);

        Assert.Equal(TrainingEnd.StoppedEarly, result.End);
        Assert.Equal(result.History.Count - 2, result.BestEpoch);
        Assert.Equal(result.History.MinBy(epoch => epoch.Validation["loss"])!.Epoch, result.BestEpoch);
        Assert.Equal(recorder.Weights[result.BestEpoch - 1], FitScenario.Values(model));
    }

    [Fact]
    public void A_callback_can_end_a_training()
    {
        using TensorDataset data = FitScenario.Data();
        using Model model = FitScenario.CreateModel();
        TrainingResult result = model.Train(
            data, new FitOptions { Epochs = 5, Callbacks = [new Recorder(epoch => epoch.Epoch < 2)] });
        Assert.Equal(TrainingEnd.StoppedByCallback, result.End);
        Assert.Equal(2, result.History.Count);
    }

    [Fact]
    public void A_cancelled_training_keeps_the_last_completed_step()
    {
        using TensorDataset data = FitScenario.Data();
        using Model model = FitScenario.CreateModel(), whole = FitScenario.CreateModel();
        using CancellationTokenSource source = new();
        FitOptions options = new() { Epochs = 2, BatchSize = 16, Prefetch = 1, Workers = 0 };
        CancellingDataset cancelling = new(data, source, after: 3 * 16 + 1);

        TrainingCanceledException error =
            Assert.Throws<TrainingCanceledException>(() => model.Fit(cancelling, options, cancellationToken: source.Token));

        Assert.Equal(TrainingEnd.Cancelled, error.Result!.End);
        Assert.Equal(3, error.Result.Steps);
        Assert.Equal(3, StepsThatGive(FitScenario.Values(model), data, whole, options));
    }

    [Fact]
    public async Task A_training_runs_beside_the_caller()
    {
        using TensorDataset data = FitScenario.Data();
        using Model model = FitScenario.CreateModel();
        TrainingResult result = await model.FitAsync(
            data, new FitOptions { Epochs = 1 }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Single(result.History);

        using CancellationTokenSource source = new();
        FitOptions endless = new() { Epochs = int.MaxValue, Schedule = LearningRateSchedule.Constant };
        Task<TrainingResult> task = model.FitAsync(data, endless, new Listener(_ => source.Cancel()), source.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
        Assert.True(task.IsCanceled);
    }

    [Fact]
    public void What_does_not_fit_together_is_refused_before_the_first_step()
    {
        using TensorDataset data = FitScenario.Data();
        using Model model = FitScenario.CreateModel();
        Refused<ArgumentException>(model, data, new FitOptions { BatchSize = 91 }, "91", "90");
        Refused<ArgumentException>(model, data, new FitOptions { Epochs = 0 }, "Epochs is 0");
        Refused<ArgumentException>(model, data, new FitOptions { Resume = true }, "Checkpoints");
        Refused<ArgumentException>(model, data, new FitOptions { Freeze = ["nothing"] }, "nothing");
        Refused<ArgumentException>(model, data, new FitOptions { Loss = new MeanSquaredErrorLoss() }, "64x3", "64x1");
        Refused<ArgumentException>(
            model, data, new FitOptions { Loss = new HuberLoss(), LabelSmoothing = 0.1f }, "cross-entropy");
        Refused<ArgumentException>(
            model, data, new FitOptions { Plateau = new ReduceOnPlateau(), Monitor = "f1" }, "'f1'", "loss, accuracy");
        MetricSet boxes = new() { { "box", new Accuracy(3) } };
        Refused<ArgumentException>(
            model, data, new FitOptions { Metrics = boxes, ValidationFraction = 0.5, BatchSize = 9 }, "'box'");
        Refused<InsufficientMemoryException>(model, data, new FitOptions { MemoryBudget = 1000 }, "MemoryBudget");

        using TensorDataset wide = new(new float[2 * 8 * 9], (8, 9, 1), new float[2], 1, ["a", "b"]);
        Refused<ShapeException>(model, wide, new FitOptions { BatchSize = 2 }, "8x9x1", "8 x 8 x 1");
        using TensorDataset many = new(new float[2 * 64], (8, 8, 1), new float[2], 1, ["a", "b", "c", "d"]);
        Refused<ArgumentException>(model, many, new FitOptions { BatchSize = 2 }, "4 classes", "3 apart");
    }

    [Fact]
    public void A_value_that_is_not_finite_is_named_with_its_sample()
    {
        using TensorDataset data = FitScenario.Data();
        using Model model = FitScenario.CreateModel();
        DataException error = Assert.Throws<DataException>(
            () => model.Train(new BrokenDataset(data, broken: 33), new FitOptions { Epochs = 1, BatchSize = 16 }));
        Assert.Equal(33, error.SampleIndex);
        Assert.Contains("NaN", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Losses_follow_from_network_and_data()
    {
        Assert.Equal("mean squared error", DefaultLoss(b => b.Linear(b.Input("x", 4), 2), 2, null));
        Assert.Equal("binary cross-entropy", DefaultLoss(b => b.Sigmoid(b.Linear(b.Input("x", 4), 2)), 2, null));
        Assert.Equal("cross-entropy", DefaultLoss(b => b.Softmax(b.Linear(b.Input("x", 4), 2)), 2, null));
        Assert.Equal("cross-entropy", DefaultLoss(b => b.Linear(b.Input("x", 4), 3), 1, ["a", "b", "c"]));
        Assert.Equal("cross-entropy", DefaultLoss(b => b.Linear(b.Input("x", 4), 3), 1, null));
        Assert.Equal("binary cross-entropy", DefaultLoss(b => b.Linear(b.Input("x", 4), 1), 1, ["no", "yes"]));
    }

    [Fact]
    public void Two_outputs_are_trained_by_two_losses_on_targets_of_their_names()
    {
        GraphBuilder b = new();
        GraphValue x = b.Linear(b.Input("x", 4), 8, activation: Activation.Relu);
        b.Output("size", b.Linear(x, 1));
        b.Output("kind", b.Linear(x, 3));
        using Model model = b.Build(seed: 2);
        using Tensor inputs = Tensor.FromSpan([.. Enumerable.Range(0, 60 * 4).Select(i => (i * 37 % 101 / 50f) - 1)], (60, 4));
        using Tensor kinds = Tensor.FromSpan(
            [.. Enumerable.Range(0, 60).Select(i => inputs[i, 0] > 0.3f ? 2f : inputs[i, 0] > -0.3f ? 1f : 0f)], 60);
        using Tensor sizes = Tensor.FromSpan([.. Enumerable.Range(0, 60).Select(i => 2 * inputs[i, 1])], (60, 1));
        using TensorDataset data = new([("x", inputs)], [("kind", kinds), ("size", sizes)]);
        MetricSet metrics = new() { { "kind", new Accuracy(3) }, { "size", new MeanAbsoluteError() } };
        FitOptions options = new()
        {
            Epochs = 60,
            BatchSize = 20,
            Optimizer = new Adam(0.03),
            Loss = new LossSet { { "size", new MeanSquaredErrorLoss(), 0.5 }, { "kind", new CrossEntropyLoss() } },
            Metrics = metrics,
            Validation = data,
        };

        TrainingResult result = model.Train(data, options);

        Assert.Equal(["loss", "kind/accuracy", "size/mae"], result.History.ValidationNames);
        Assert.True(result.Last!.Validation["kind/accuracy"] > 0.9, FitScenario.Text(result.History));
        Assert.True(result.Last.Validation["size/mae"] < 0.2, FitScenario.Text(result.History));
    }

    [Fact]
    public void A_sweep_over_learning_rates_suggests_one_and_puts_the_weights_back()
    {
        using TensorDataset data = FitScenario.Data();
        using Model model = FitScenario.CreateModel();
        float[] before = FitScenario.Values(model);
        FitOptions options = new() { BatchSize = 30, Optimizer = new Sgd() { Momentum = 0.9 } };
        LearningRateCurve curve = LearningRateFinder.Run(
            model, data, options, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(before, FitScenario.Values(model));
        Assert.Equal(1e-6, curve.Rates[0], 1e-12);
        Assert.Equal(curve.Rates.Order(), curve.Rates);
        Assert.Equal(curve.Rates.Count, curve.Losses.Count);
        Assert.InRange(curve.Suggestion!.Value, 1e-4, 1);
    }

    [Fact]
    public void A_logger_is_told_of_the_beginning_each_epoch_and_the_end()
    {
        using TensorDataset data = FitScenario.Data();
        using Model model = FitScenario.CreateModel();
        Lines lines = [];
        model.Train(data, new FitOptions { Epochs = 2, Logger = lines });
        Assert.Equal(4, lines.Count);
        Assert.Contains("90 samples in batches of 64, 2 epochs", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("Epoch 1 of 2: loss ", lines[1], StringComparison.Ordinal);
        Assert.Equal("Training ended after 4 steps: Finished", lines[3]);
    }

    [Fact]
    public void More_batches_allocate_no_more_memory()
    {
        long few = AllocatedInAnEpoch(samples: 180), many = AllocatedInAnEpoch(samples: 1800);

        // An epoch begins with threads and ends with a record and a validation; the runtime allocates a little now and then.
        Assert.True(many < few + 4096, $"An epoch of 10 batches allocates {few} bytes, one of 94 allocates {many}.");
    }

    private static long AllocatedInAnEpoch(int samples)
    {
        using TensorDataset data = FitScenario.Data(samples);
        using Model model = FitScenario.CreateModel();
        List<long> counts = [];
        Recorder recorder = new(_ =>
        {
            counts.Add(GC.GetAllocatedBytesForCurrentThread());
            return true;
        });
        FitOptions options = FitScenario.Random(5) with
        {
            Schedule = LearningRateSchedule.OneCycle(),
            EarlyStopping = null,
            Callbacks = [recorder],
        };
        model.Train(data, options);
        return counts.Zip(counts.Skip(1), (before, after) => after - before).Min();
    }

    private static string DefaultLoss(Func<GraphBuilder, GraphValue> network, int targets, string[]? classes)
    {
        GraphBuilder b = new();
        b.Output("y", network(b));
        using Model model = b.Build();
        using TensorDataset data = new(new float[8 * 4], 4, new float[8 * targets], targets, classes);
        return CnnNative.Training.DefaultLosses.Choose(model.Graph, data.Schema, null)[0].Loss.Name;
    }

    /// <summary>The number of steps after which an undisturbed training has such weights; -1 if it never has.</summary>
    private static int StepsThatGive(float[] values, TensorDataset data, Model model, FitOptions options)
    {
        using DataLoader loader = new(
            data, new DataLoaderOptions { BatchSize = options.BatchSize, Shuffle = true, Seed = options.Seed });
        using Trainer trainer = new(model.Graph, new TrainerOptions { Optimizer = options.Optimizer, Seed = options.Seed });
        using DataEpoch epoch = loader.Open(0, cancellationToken: TestContext.Current.CancellationToken);
        while (epoch.MoveNext())
        {
            trainer.Step(epoch.Current.Inputs, epoch.Current.Targets);
            if (FitScenario.Values(model).AsSpan().SequenceEqual(values))
            {
                return (int)trainer.Steps;
            }
        }

        return -1;
    }

    private static void Refused<T>(Model model, IDataset data, FitOptions options, params string[] expected)
        where T : Exception
    {
        T error = Assert.ThrowsAny<T>(() => model.Train(data, options));
        foreach (string text in expected)
        {
            Assert.Contains(text, error.Message, StringComparison.Ordinal);
        }
    }

    private sealed class Listener(Action<TrainingProgress> listen) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => listen(value);
    }

    private sealed class Recorder(Func<EpochRecord, bool> goesOn) : ITrainingCallback
    {
        public List<float[]> Weights { get; } = [];

        public bool OnEpochEnd(EpochRecord epoch, Model model)
        {
            Weights.Add(FitScenario.Values(model));
            return goesOn(epoch);
        }
    }

    /// <summary>Keeps messages from information on.</summary>
    private sealed class Lines : List<string>, ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Assert.True(IsEnabled(logLevel));
            Add(formatter(state, exception));
        }
    }

    /// <summary>Has a NaN in one sample.</summary>
    private sealed class BrokenDataset(IDataset data, int broken) : IDataset
    {
        public int Count => data.Count;

        public DataSchema Schema => data.Schema;

        public void Read(int index, in Sample sample)
        {
            data.Read(index, in sample);
            if (index == broken)
            {
                sample.Input[5] = float.NaN;
            }
        }
    }
}
