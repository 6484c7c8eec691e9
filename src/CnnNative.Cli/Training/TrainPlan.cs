// What a training consists of, put together from what was asked for, a recipe, the data and the model, and checked before it
// begins.

using CnnNative.Imaging;

namespace CnnNative.Cli;

/// <summary>Data, model and settings of a training.</summary>
internal sealed class TrainPlan : IDisposable
{
    private readonly TrainOptions _options;

    private TrainPlan(TrainOptions options, DataSource data, IDataset train, string modelName, Model model, Recipe recipe)
    {
        // Pixels become inputs as the model says; what it says is that they stay as they are, unless it comes out of a file.
        Preprocessing? preprocessing = model.Preprocessing is { IsPlain: false } given ? given : null;
        train = train.Preprocessed(preprocessing);
        Test = data.Test?.Preprocessed(preprocessing);
        (_options, Data, ModelName, Model, Recipe) = (options, data, modelName, model, recipe);
        CheckSplit();
        IDataset? validation = data.Validation?.Preprocessed(preprocessing);
        if (options.ValidationSplit > 0)
        {
            // Here and not in the fit, so that samplers and class weights know what is left.
            (train, validation) = train.Split(options.ValidationSplit, options.Seed, stratified: true);
        }

        Train = train;
        Shape picture = train.Schema.Inputs[0].Shape;
        int batch = options.Batch ?? Math.Min(recipe.Batch, train.Count);
        Augmentation? augmentation = AugmentationText.Parse(options.Augment ?? recipe.Augment, picture);
        ScheduleChoice schedule = ScheduleText.Parse(options.Schedule ?? recipe.Schedule, options.WarmUp);
        Check(validation is not null, schedule);
        Fit = new FitOptions
        {
            Epochs = options.Epochs ?? recipe.Epochs,
            BatchSize = batch,
            Optimizer = options.Optimizer.Create(recipe),
            Schedule = schedule.Schedule,
            Plateau = schedule.Plateau,
            EarlyStopping = options.EarlyStopping is { } patience ? new EarlyStopping { Patience = patience } : null,
            Seed = options.Seed,
            Validation = validation,
            Augmentation = augmentation,
            Mixing = options.Mixing,
            Sampler = options.Balanced ? new BalancedSampler(train) : null,
            LabelSmoothing = options.LabelSmoothing,
            ClassWeights = options.ClassWeights ? CnnNative.ClassWeights.Of(train) : null,
            ClipNorm = options.Clip,
            AccumulationSteps = options.Accumulate,
            Average = options.Average is { } decay ? new ExponentialMovingAverage(decay) : null,
            Freeze = options.Freeze,
            MemoryBudget = options.MemoryBudget,
            Workers = options.Workers,
            HistoryPath = options.History,
            TensorBoardFolder = options.TensorBoard,
            Checkpoints = options.Checkpoints,
            Resume = options.Resume,
        };
    }

    public DataSource Data { get; }

    /// <summary>The samples to train on, without those that --val-split takes away.</summary>
    public IDataset Train { get; }

    /// <summary>The samples to measure on; null if there are none.</summary>
    public IDataset? Test { get; }

    public string ModelName { get; }

    public Model Model { get; }

    public Recipe Recipe { get; }

    public FitOptions Fit { get; }

    /// <summary>Opens the data and makes the model.</summary>
    public static async Task<TrainPlan> CreateAsync(TrainOptions options, CancellationToken cancellation)
    {
        if (options.Model is { } named)
        {
            ModelSource.RequireKnown("--model", named);
        }

        Model? model = options.Model is { } file && ModelSource.IsFile(file) ? ModelSource.ForTraining(file, options.Seed) : null;
        try
        {
            Preprocessing? known = model is null ? null : options.Picture.Over(model.Preprocessing ?? PictureReader.Guess(model));
            ImageDatasetOptions pictures = new()
            {
                Size = options.Picture.Size ?? known?.Size,
                Channels = known?.Channels ?? options.Picture.Channels,
                Crop = (options.Picture.Fit ?? known?.Fit) == PictureFit.Crop,
            };
            DataSource data = await options.Data.OpenAsync(pictures, cancellation);
            IDataset train = options.Data.Limited(data.Train);
            Shape picture = train.Schema.Inputs[0].Shape;
            if (picture.Rank != 3)
            {
                throw new UserException($"{data.Name} holds samples of {picture}, expected pictures: height x width x channels.");
            }

            options.Picture.RequireOf(picture, data.Name);
            if (data.ClassNames.Count < 2)
            {
                throw new UserException($"{data.Name} has one class only, '{data.ClassNames[0]}'; expected at least two to tell apart.");
            }

            string name = options.Model ?? Recipe.ModelFor(picture);
            model ??= ModelSource.ForTraining(name, picture, data.ClassNames.Count, options.Seed);
            model = options.ReplacesHead ? ModelSource.WithHead(name, model, data.ClassNames.Count, options.Seed) : model;
            ModelFacts.RequireFit(model, name, train.Schema, data.Name);
            model.ClassNames = data.ClassNames;
            known = options.Picture.Over(known ?? ModelFacts.PreprocessingOf(picture))!;
            model.Preprocessing = known with { Size = (picture[0], picture[1]) };
            return new TrainPlan(options, data, train, name, model, Recipe.For(name, data.Name));
        }
        catch
        {
            model?.Dispose();
            throw;
        }
    }

    /// <summary>The training in one line.</summary>
    public string Describe(ComputeContext context)
    {
        string augment = Fit.Augmentation is null ? "" : $", {_options.Augment ?? Recipe.Augment}";
        return
            $"{ModelName} ({FigureTexts.Count(Model.ParameterCount)} parameters) learns {Data.Name} " +
            $"({FigureTexts.Count(Train.Count)} images of " +
            $"{Train.Schema.Inputs[0].Shape}, {Data.ClassNames.Count} classes): batch {Fit.BatchSize}, {Fit.Optimizer.Name} " +
            $"{FigureTexts.Rate(Fit.Optimizer.LearningRate)}, {_options.Schedule ?? Recipe.Schedule}{augment}, seed " +
            $"{Fit.Seed}, " +
            $"{context.InstructionSetName}, {context.Threads} {(context.Threads == 1 ? "thread" : "threads")}";
    }

    public void Dispose() => Model.Dispose();

    private void CheckSplit()
    {
        if (_options.ValidationSplit > 0 && Data.Validation is not null)
        {
            throw new UserException(
                $"--val-split was given, but {Data.Name} has a folder of validation pictures of its own; leave it out.");
        }
    }

    private void Check(bool validates, ScheduleChoice schedule)
    {
        if (_options.EarlyStopping is not null && !validates)
        {
            throw new UserException(
                "--early-stopping watches the loss on validation data; set some aside with --val-split, such as 0.1.");
        }

        if (schedule.Plateau is not null && !validates)
        {
            throw new UserException(
                "--schedule plateau watches the loss on validation data; set some aside with --val-split, such as 0.1.");
        }

        if (_options.Batch > Train.Count)
        {
            throw new UserException($"--batch is {_options.Batch}, but {Data.Name} has {Train.Count} samples to train on.");
        }
    }
}
