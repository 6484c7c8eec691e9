// The options of `cnn train`: their words, their help, and how they are read.

using System.CommandLine;
using System.Globalization;

namespace CnnNative.Cli;

internal sealed class TrainOptionSet
{
    private readonly DataOptionSet _data = new();
    private readonly ComputeOptionSet _compute = new();
    private readonly PictureOptionSet _picture = new();
    private readonly Option<bool> _newHead = Flag(
        "--new-head", "Put a new last layer, for the classes of the data, in the place of that of --model FILE.");
    private readonly Option<string?> _model = Text(
        "--model", "NAME|FILE",
        $"The network: {string.Join(", ", ModelSource.Names)}, a .json description, or a .cnn or .onnx file to go on with.");

    private readonly Option<int?> _epochs = Number<int?>("--epochs", "N", "Passes over the data.");
    private readonly Option<int?> _batch = Number<int?>("--batch", "N", "Samples in a batch.");
    private readonly Option<double?> _rate = Number<double?>(
        "--lr", "RATE", "The learning rate; the highest one of its schedule.");
    private readonly Option<string?> _optimizer = Text("--optimizer", "NAME", "sgd, nesterov, adam, adamw or rmsprop.");
    private readonly Option<double?> _momentum = Number<double?>(
        "--momentum", "PART", "Momentum of sgd, nesterov and rmsprop; 0.9 of the first two.");
    private readonly Option<double?> _decay = Number<double?>(
        "--weight-decay", "PART", "Weight decay; not of biases and normalisations.");
    private readonly Option<string?> _schedule = Text("--schedule", "NAME", $"The learning rate's way: {ScheduleText.Form}.");
    private readonly Option<double> _warmUp = Number<double>(
        "--warm-up", "EPOCHS", "Epochs in which the learning rate rises from 0 first.");
    private readonly Option<float> _smoothing = Number<float>(
        "--label-smoothing", "PART", "The part of each target that all classes share.");
    private readonly Option<double?> _mixUp = Number<double?>(
        "--mixup", "ALPHA", "Mix pictures of a batch, with weights from Beta(ALPHA, ALPHA).");
    private readonly Option<double?> _cutMix = Number<double?>(
        "--cutmix", "ALPHA", "Paste parts of pictures into others; with --mixup either.");
    private readonly Option<double?> _average = Number<double?>(
        "--ema", "DECAY", "Keep an average of the weights, such as 0.999, and use it.");
    private readonly Option<double?> _clip = Number<double?>("--clip", "NORM", "The most that the norm of all gradients may be.");
    private readonly Option<string?> _augment = Text(
        "--augment", "NAMES", $"Random changes to pictures: {AugmentationText.Form}.");
    private readonly Option<bool> _weights = Flag(
        "--class-weights", "Weight the loss so that rare classes count as much as frequent ones.");
    private readonly Option<bool> _balanced = Flag("--balanced", "Draw as many samples of each class.");
    private readonly Option<ulong> _seed = Number<ulong>(
        "--seed", "N", "Where all chance comes from; the same seed gives the same weights.");
    private readonly Option<int> _workers = new("--workers")
    {
        Description = "Threads that read and change pictures in the background.",
        DefaultValueFactory = _ => 1,
        HelpName = "N",
    };

    private readonly Option<double> _split = Number<double>(
        "--val-split", "PART", "The part of the training data to validate on after each epoch.");
    private readonly Option<int?> _early = Number<int?>(
        "--early-stopping", "EPOCHS", "Stop when so many epochs were no better; keep the best one.");
    private readonly Option<int> _accumulate = new("--accumulate")
    {
        Description = "Batches whose gradients are summed for a step.",
        DefaultValueFactory = _ => 1,
        HelpName = "N",
    };

    private readonly Option<string?> _budget = Text(
        "--memory-budget", "SIZE", "The most memory, such as 512M or 2G; results are computed again for it.");
    private readonly Option<string?> _freeze = Text("--freeze", "NAMES", "Layers to leave as they are, such as conv1,block*.");
    private readonly Option<string?> _out = Text("--out", "FILE", "Where the trained model goes: .cnn or .onnx.");
    private readonly Option<string?> _checkpoint = Text("--checkpoint", "DIR", "Write a checkpoint after each epoch.");
    private readonly Option<int> _every = Number<int>("--checkpoint-every", "STEPS", "Write one after so many steps as well.");
    private readonly Option<int> _keep = new("--checkpoint-keep")
    {
        Description = "How many checkpoints are kept.",
        DefaultValueFactory = _ => 3,
        HelpName = "N",
    };

    private readonly Option<bool> _resume = Flag(
        "--resume", "Go on from the newest checkpoint, bit for bit; begin anew where there is none.");
    private readonly Option<string?> _plots = Text(
        "--plots", "DIR", "Write pictures: curves, confusion matrix, the worst mistakes.");
    private readonly Option<string?> _history = Text("--history", "FILE", "Write the figures of each epoch: .csv or .jsonl.");
    private readonly Option<string?> _board = Text("--tensorboard", "DIR", "Write event files for TensorBoard.");
    private readonly Option<bool> _find = Flag(
        "--lr-find", "Only look for a learning rate: try all, show the loss and a suggestion.");
    private readonly Option<bool> _json = Flag("--json", "Print one JSON object on stdout; progress goes to stderr.");

    public void AddTo(Command command)
    {
        _data.AddTo(command);
        Option[] all =
        [
            _model, _newHead, _epochs, _batch, _rate, _optimizer, _momentum, _decay, _schedule, _warmUp, _smoothing, _mixUp,
            _cutMix,
            _average, _clip, _augment, _weights, _balanced, _seed, _split, _early, _accumulate, _freeze, _out, _checkpoint,
            _every, _keep, _resume, _plots, _history, _board, _find, _budget, _workers,
        ];
        foreach (Option option in all)
        {
            command.Options.Add(option);
        }

        _picture.AddTo(command);
        _compute.AddTo(command);
        command.Options.Add(_json);
    }

    public TrainOptions Read(ParseResult parsed)
    {
        TrainOptions options = new()
        {
            Data = _data.Read(parsed),
            Compute = _compute.Read(parsed),
            Picture = _picture.Read(parsed),
            ReplacesHead = parsed.GetValue(_newHead),
            Model = parsed.GetValue(_model),
            Epochs = Positive(parsed, _epochs),
            Batch = Positive(parsed, _batch),
            Optimizer = ReadOptimizer(parsed),
            Schedule = parsed.GetValue(_schedule),
            WarmUp = parsed.GetValue(_warmUp),
            LabelSmoothing = InRange(_smoothing, parsed.GetValue(_smoothing), value => value is >= 0 and < 1, "0 to less than 1"),
            Mixing = ReadMixing(parsed),
            Average = Optional(_average, parsed.GetValue(_average), value => value is >= 0 and < 1, "0 to less than 1"),
            Clip = Optional(_clip, parsed.GetValue(_clip), value => value > 0 && double.IsFinite(value), "a number above 0"),
            Augment = parsed.GetValue(_augment),
            ClassWeights = parsed.GetValue(_weights),
            Balanced = parsed.GetValue(_balanced),
            Seed = parsed.GetValue(_seed),
            Workers = InRange(_workers, parsed.GetValue(_workers), value => value is >= 0 and <= 256, "0 to 256"),
            ValidationSplit = InRange(_split, parsed.GetValue(_split), value => value is >= 0 and < 1, "0 to less than 1"),
            EarlyStopping = Positive(parsed, _early),
            Accumulate = InRange(_accumulate, parsed.GetValue(_accumulate), value => value >= 1, "at least 1"),
            MemoryBudget = parsed.GetValue(_budget) is { } budget ? ParseBytes(budget) : null,
            Freeze = Listed(parsed.GetValue(_freeze)),
            Checkpoints = ReadCheckpoints(parsed),
            Resume = parsed.GetValue(_resume),
            Out = OutputPath.File("--out", parsed.GetValue(_out), ".cnn", ".onnx"),
            Plots = OutputPath.Folder("--plots", parsed.GetValue(_plots)),
            History = OutputPath.File("--history", parsed.GetValue(_history), ".csv", ".jsonl"),
            TensorBoard = OutputPath.Folder("--tensorboard", parsed.GetValue(_board)),
            FindRate = parsed.GetValue(_find),
            Json = parsed.GetValue(_json),
        };
        Check(options);
        return options;
    }

    private static void Check(TrainOptions options)
    {
        if (options.Resume && options.Checkpoints is null)
        {
            throw new UserException("--resume was given without --checkpoint DIR, expected the folder to resume from.");
        }

        if (options.ReplacesHead && (options.Model is null || !ModelSource.IsFile(options.Model)))
        {
            throw new UserException("--new-head was given without a model's file, expected --model FILE.");
        }

        if (options.Balanced && options.ClassWeights)
        {
            throw new UserException("--balanced and --class-weights were both given, expected one of them.");
        }

        if (options.FindRate
            && (options.Out ?? options.History ?? options.TensorBoard ?? options.Checkpoints?.Folder) is not null)
        {
            throw new UserException(
                "--lr-find trains nothing that could be kept, so --out, --history, --tensorboard and --checkpoint have no " +
                "meaning with it.");
        }
    }

    private OptimizerOptions ReadOptimizer(ParseResult parsed) => new()
    {
        Name = parsed.GetValue(_optimizer),
        LearningRate = Optional(_rate, parsed.GetValue(_rate), value => value > 0 && double.IsFinite(value), "a number above 0"),
        Momentum = Optional(_momentum, parsed.GetValue(_momentum), value => value is >= 0 and < 1, "0 to less than 1"),
        WeightDecay = Optional(
            _decay, parsed.GetValue(_decay), value => value >= 0 && double.IsFinite(value), "a number from 0 on"),
    };

    private BatchMixing? ReadMixing(ParseResult parsed)
    {
        double? mixUp = Alpha(_mixUp), cutMix = Alpha(_cutMix);
        return (mixUp, cutMix) switch
        {
            ({ } mix, { } cut) => new OneOfMixing(new MixUp(mix), new CutMix(cut)),
            ({ } mix, null) => new MixUp(mix),
            (null, { } cut) => new CutMix(cut),
            _ => null,
        };

        double? Alpha(Option<double?> option) =>
            Optional(option, parsed.GetValue(option), value => value is > 0 and <= 100, "a number above 0, at most 100");
    }

    private CheckpointOptions? ReadCheckpoints(ParseResult parsed)
    {
        int every = InRange(_every, parsed.GetValue(_every), value => value >= 0, "0 or more");
        int keep = InRange(_keep, parsed.GetValue(_keep), value => value >= 1, "at least 1");
        if (OutputPath.Folder("--checkpoint", parsed.GetValue(_checkpoint)) is { } folder)
        {
            return new CheckpointOptions(folder) { EverySteps = every, Keep = keep };
        }

        return every == 0
            ? null
            : throw new UserException("--checkpoint-every was given without --checkpoint DIR, expected a folder.");
    }

    /// <summary>512M, 2G or a number of bytes.</summary>
    private static long ParseBytes(string text)
    {
        int shift = char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        string digits = shift == 0 ? text : text[..^1];
        bool isNumber = double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value);
        return isNumber && value is > 0 and < 1e9
            ? (long)(value * (1L << shift))
            : throw new UserException($"--memory-budget is '{text}', expected a size such as 512M or 2G.");
    }

    private static string[] Listed(string? text) =>
        text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static int? Positive(ParseResult parsed, Option<int?> option) =>
        Optional(option, parsed.GetValue(option), value => value >= 1, "at least 1");

    private static T? Optional<T>(Option option, T? value, Func<T, bool> holds, string expected)
        where T : struct, IFormattable => value is { } given ? InRange(option, given, holds, expected) : null;

    private static T InRange<T>(Option option, T value, Func<T, bool> holds, string expected)
        where T : IFormattable => holds(value)
        ? value
        : throw new UserException($"{option.Name} is {value.ToString(null, CultureInfo.InvariantCulture)}, expected {expected}.");

    private static Option<string?> Text(string name, string help, string description) =>
        new(name) { Description = description, HelpName = help };

    private static Option<T> Number<T>(string name, string help, string description) =>
        new(name) { Description = description, HelpName = help };

    private static Option<bool> Flag(string name, string description) => new(name) { Description = description };
}
