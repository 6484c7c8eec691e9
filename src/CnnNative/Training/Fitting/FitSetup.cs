// What a fit is made of, put together and checked against one another before the first step.

namespace CnnNative.Training;

/// <summary>Data, losses and trainer of a fit.</summary>
internal sealed class FitSetup : IDisposable
{
    private readonly ComputeContext? _ownContext;
    private readonly DataLoader? _validationLoader;
    private readonly Evaluator? _evaluator;

    public FitSetup(Model model, IDataset dataset, FitOptions options)
    {
        Graph graph = model.Graph;
        _ownContext = options.Context is null && options.Threads > 0
            ? new ComputeContext(ComputeContext.DefaultBackend, options.Threads)
            : null;
        ComputeContext context = options.Context ?? _ownContext ?? ComputeContext.Default;
        try
        {
            IDataset train = dataset;
            IDataset? validation = options.Validation;
            if (options.ValidationFraction > 0)
            {
                bool hasClasses = dataset.Schema.ClassNames is not null;
                (train, validation) = dataset.Split(options.ValidationFraction, options.Seed, stratified: hasClasses);
            }

            Loader = new DataLoader(train, options.ForTraining());
            DataSchema schema = new(Loader.Schema.Inputs, train.Schema.Targets, train.Schema.ClassNames);
            LossSet losses = DefaultLosses.Choose(graph, schema, options.Loss, options.LabelSmoothing, options.ClassWeights);
            long batchBytes = Loader.Ring.Length * sizeof(float) * options.BatchSize *
                Loader.Schema.Inputs.Concat(Loader.Schema.Targets).Sum(field => field.Shape.ElementCount);
            TrainerOptions trainerOptions = options.ForTrainer(losses, context, batchBytes);
            Trainer = new Trainer(graph, trainerOptions);
            Map = FieldMap.Create(Trainer.Graph, [.. Trainer.Outputs.ToArray().Select(output => output.Name)], Loader.Schema);
            Memory = TrainingMemory.Plan(graph, InputShapes(options.BatchSize), trainerOptions) with { Batches = batchBytes };
            CheckClasses(schema);
            Compile(options);
            if (validation is not null)
            {
                LossSet measured = DefaultLosses.ForEvaluation(losses);
                MetricSet metrics = options.Metrics ?? DefaultMetrics.For(graph, measured, schema);
                _evaluator = new Evaluator(graph, measured, metrics, validation.Schema, context.Kernels);
                _validationLoader = new DataLoader(validation, new DataLoaderOptions
                {
                    BatchSize = Math.Min(options.BatchSize, Math.Max(1, validation.Count)),
                    Workers = options.Workers,
                    Prefetch = options.Prefetch,
                });
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The batches of training.</summary>
    public DataLoader Loader { get; }

    /// <summary>What makes the steps.</summary>
    public Trainer Trainer { get; }

    /// <summary>Which field of the data goes where.</summary>
    public FieldMap Map { get; }

    /// <summary>The memory that was planned for.</summary>
    public MemoryReport Memory { get; }

    /// <summary>Whether there is data to validate on.</summary>
    public bool HasValidation => _evaluator is not null;

    /// <summary>The names of the values of validation.</summary>
    public IEnumerable<string> ValidationNames => _evaluator?.Names ?? [];

    /// <summary>Loss and metrics of the validation data, with averaged weights where there are some.</summary>
    public Evaluation Validate(CancellationToken cancellation)
    {
        Trainer.Average?.Exchange();
        try
        {
            return _evaluator!.Run(_validationLoader!, cancellation);
        }
        finally
        {
            Trainer.Average?.Exchange();
        }
    }

    public void Dispose()
    {
        Trainer?.Dispose();
        Loader?.Dispose();
        _validationLoader?.Dispose();
        _ownContext?.Dispose();
    }

    private Shape[] InputShapes(int batch) =>
        [.. Enumerable.Range(0, Map.Inputs.Length).Select(i => Batched(batch, Loader.Schema.Inputs[Map.InputOf(i)].Shape))];

    private Shape[] TargetShapes(int batch) =>
        [.. Enumerable.Range(0, Map.Targets.Length).Select(i => Batched(batch, Loader.Schema.Targets[Map.TargetOf(i)].Shape))];

    /// <summary>Plans full batches and the smaller last one now, so that what does not fit is known before the first
    /// step.</summary>
    private void Compile(FitOptions options)
    {
        int last = options.DropLast ? 0 : Loader.Count % options.BatchSize;
        foreach (int size in last == 0 ? [options.BatchSize] : (int[])[options.BatchSize, last])
        {
            try
            {
                Trainer.Prepare(InputShapes(size), TargetShapes(size));
            }
            catch (ShapeException error) when (size == last)
            {
                throw new ShapeException(
                    $"{error.Message} The last batch of an epoch has {last} samples; " +
                    "DropLast leaves it out, and another BatchSize changes it.", error);
            }
        }
    }

    private void CheckClasses(DataSchema schema)
    {
        int output = Array.FindIndex(Trainer.Outputs.ToArray(), trained => trained.Loss is CrossEntropyLoss);
        if (output < 0 || schema.ClassNames is null || Map.TargetOf(output) != 0)
        {
            return;
        }

        Graphs.GraphShapes shapes = new(Trainer.Graph, InputShapes(2));
        int classes = shapes[Trainer.Graph.Outputs[output].Value].Shape[^1];
        if (schema.ClassNames.Count > classes)
        {
            throw new ArgumentException(
                $"The data has {schema.ClassNames.Count} classes, the output '{Trainer.Outputs[output].Name}' tells {classes} " +
                "apart; expected at least as many.");
        }
    }

    private static Shape Batched(int batch, Shape sample) => new([batch, .. sample.ToArray()]);
}
