// When a fit writes checkpoints, and how it goes on from one.

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using CnnNative.Files;
using Microsoft.Extensions.Logging;

namespace CnnNative.Training;

/// <summary>The checkpoints of a fit.</summary>
internal sealed partial class FitCheckpoints
{
    private const string Over = " over ";
    private readonly FitMemory _memory;
    private readonly FitClock _clock;
    private readonly Trainer _trainer;
    private readonly CheckpointOptions _options;
    private readonly CheckpointFolder _folder;
    private readonly ILogger _logger;
    private readonly Dictionary<string, string> _fingerprint;
    private readonly bool _resume;

    public FitCheckpoints(
        FitMemory memory, FitSetup setup, FitClock clock, TrainingLength length, FitOptions options, ILogger logger)
    {
        _memory = memory;
        _clock = clock;
        _trainer = setup.Trainer;
        _options = options.Checkpoints!;
        _resume = options.Resume;
        _folder = new CheckpointFolder(_options, options.Resume);
        _logger = logger;
        _fingerprint = Fingerprint(setup, length, options);
    }

    private IEnumerable<Parameter> Freezable =>
        _trainer.Graph.Parameters.Where(parameter => parameter.Role is ParameterRole.Weight or ParameterRole.Bias);

    /// <summary>Goes on from the newest checkpoint, if that is wanted and there is one.</summary>
    /// <exception cref="InvalidDataException">The checkpoint is of another training.</exception>
    public void Resume()
    {
        if (!_resume || _folder.OpenNewest(reason => TrainingLog.CheckpointDamaged(_logger, reason)) is not { } newest)
        {
            return;
        }

        using TensorContainer content = newest.Content;
        var state = CheckpointState.FromJson(content.Content, newest.Path);
        CheckOptions(state, newest.Path);
        TrainingHistory history = new(HistoryFormat.Of("checkpoint.jsonl").Parse(state.History, newest.Path));
        CheckpointFile.Restore(content, newest.Path, _trainer.Arena, Blocks());
        HashSet<string> frozen = [.. state.Frozen];
        foreach (Parameter parameter in Freezable)
        {
            parameter.Trainable = !frozen.Contains(parameter.Name);
        }

        _memory.Restore(state, history);
        TrainingLog.Resumed(_logger, newest.Path, state.Epoch + 1, state.Steps);
    }

    /// <summary>Writes a checkpoint if one is due after so many steps.</summary>
    public void AfterStep()
    {
        if (_options.EverySteps > 0 && _trainer.Steps % _options.EverySteps == 0)
        {
            Write();
        }
    }

    /// <summary>Writes a checkpoint if one is due after so many epochs.</summary>
    public void AfterEpoch()
    {
        if (_memory.End is not null || (_options.EveryEpochs > 0 && _memory.Epoch % _options.EveryEpochs == 0))
        {
            Write();
        }
    }

    /// <summary>Writes a checkpoint and deletes the oldest ones.</summary>
    /// <exception cref="IOException">It cannot be written; the others are still there.</exception>
    public void Write()
    {
        string path = _folder.PathOf(_trainer.Steps);
        string history = Encoding.UTF8.GetString(HistoryFormat.Of("checkpoint.jsonl").Format(_memory.History));
        string[] frozen = [.. Freezable.Where(parameter => !parameter.Trainable).Select(parameter => parameter.Name)];
        CheckpointState state = _memory.ToState(_fingerprint, _memory.SecondsBefore + _clock.EpochSeconds, history, frozen);
        CheckpointFile.Write(path, state, _trainer.Arena, Blocks());
        TrainingLog.CheckpointWritten(_logger, path);
        _folder.Prune();
    }

    private List<(string Kind, Tensor Block)> Blocks()
    {
        List<(string Kind, Tensor Block)> blocks = [("values", _trainer.Arena.Values)];
        Add("first", _trainer.Optimizer.First);
        Add("second", _trainer.Optimizer.Second);
        Add("average", _trainer.Average?.Values);
        Add("best", _memory.Best);
        return blocks;

        void Add(string kind, Tensor? block)
        {
            if (block is not null)
            {
                blocks.Add((kind, block));
            }
        }
    }

    private void CheckOptions(CheckpointState state, string path)
    {
        foreach ((string name, string value) in _fingerprint)
        {
            if (state.Options.GetValueOrDefault(name) is var found && found != value)
            {
                throw new InvalidDataException(
                    $"{path}: the checkpoint was made with {Difference(name, found, value)}; " +
                    "resume with the options that the training began with, or begin anew in another folder.");
            }
        }
    }

    // Two of the texts are for comparing and tell a reader nothing.
    private static string Difference(string name, string? found, string expected) => name switch
    {
        "Schedule" => $"another Schedule{StepsOf(found)}, expected that of the options{StepsOf(expected)}",
        "first batch" => "other samples, or others in the first batch after shuffling and augmentation",
        _ => Member(found ?? "", expected) is { } member
            ? $"{name}.{member.Name} = {member.Found}, expected {member.Expected}"
            : $"{name} = {OrNone(found)}, expected {OrNone(expected)}",
    };

    /// <summary>The first member that differs of what records say of themselves; null where the texts are not of the same members.
    /// </summary>
    private static (string Name, string Found, string Expected)? Member(string found, string expected)
    {
        MatchCollection before = Members().Matches(found), now = Members().Matches(expected);
        (Match Found, Match Expected)[] pairs = [.. before.Zip(now)];
        return before.Count == now.Count && pairs.All(pair => NameOf(pair.Found) == NameOf(pair.Expected))
            ? pairs.Where(pair => pair.Found.Value != pair.Expected.Value)
                .Select(pair => ((string, string, string)?)(NameOf(pair.Found), ValueOf(pair.Found), ValueOf(pair.Expected)))
                .FirstOrDefault()
            : null;

        static string NameOf(Match member) => member.Groups[1].Value;
        static string ValueOf(Match member) => OrNone(member.Groups[2].Value.Trim());
    }

    [GeneratedRegex(@"(\w+) = ([^,{}]*)")]
    private static partial Regex Members();

    private static string OrNone(string? text) => string.IsNullOrEmpty(text) ? "none" : text;

    private static string StepsOf(string? schedule) =>
        schedule?.LastIndexOf(Over, StringComparison.Ordinal) is >= 0 and int place ? schedule[place..] : "";

    /// <summary>What decides which steps are made, as far as it has a text. More epochs may be asked for where the schedule does
    /// not depend on their number.</summary>
    private static Dictionary<string, string> Fingerprint(FitSetup setup, TrainingLength length, FitOptions options)
    {
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Seed"] = options.Seed.ToString(CultureInfo.InvariantCulture),
            ["samples"] = Text(setup.Loader.Count),
            ["BatchSize"] = Text(options.BatchSize),
            ["AccumulationSteps"] = Text(options.AccumulationSteps),
            ["Optimizer"] = Invariant(() => options.Optimizer.Fingerprint),
            ["Schedule"] = ScheduleText(options.Schedule, length),
            ["Plateau"] = Invariant(() => $"{options.Plateau}"),
            ["EarlyStopping"] = Invariant(() => $"{options.EarlyStopping}"),
            ["Monitor"] = options.Monitor,
            ["Average"] = Invariant(() => $"{options.Average}"),
            ["ClipNorm"] = options.ClipNorm is { } limit ? limit.ToString("R", CultureInfo.InvariantCulture) : "none",
            ["Shuffle"] = $"{options.Shuffle}",
            ["DropLast"] = $"{options.DropLast}",
            ["Augmentation"] = string.Join(", ", options.Augmentation?.Steps.Select(step => step.GetType().Name) ?? []),
            ["Mixing"] = options.Mixing?.GetType().Name ?? "none",
            ["Sampler"] = options.Sampler?.GetType().Name ?? "none",
            ["ClassWeights"] = string.Join(' ', options.ClassWeights?.Select(weight => weight.ToString("R", CultureInfo.InvariantCulture)) ?? []),
            ["first batch"] = FirstBatchText(setup.Loader),
            ["losses"] = Invariant(() => string.Join(", ", setup.Trainer.Outputs.ToArray())),
        };
    }

    /// <summary>The checksum of the first batch of all: data, order, augmentation and mixing by what they do, because not all of
    /// them have a text that says it.</summary>
    private static string FirstBatchText(DataLoader loader)
    {
        uint checksum = 0;
        using DataEpoch epoch = loader.Open(epoch: 0);
        if (epoch.MoveNext())
        {
            foreach (Tensor field in (Tensor[])[.. epoch.Current.Inputs, .. epoch.Current.Targets])
            {
                using TensorAccess elements = field.Access();
                checksum = Crc32C.Append(checksum, MemoryMarshal.AsBytes(elements.Values));
            }
        }

        return checksum.ToString("x8", CultureInfo.InvariantCulture);
    }

    /// <summary>A schedule by what it does, at some steps of the training: not all of them have a text that says it.</summary>
    private static string ScheduleText(LearningRateSchedule schedule, TrainingLength length)
    {
        const int Places = 16;
        if (schedule == LearningRateSchedule.Constant)
        {
            return "constant";
        }

        IEnumerable<string> factors = Enumerable.Range(0, Places + 1)
            .Select(i => schedule.FactorAt((long)((Int128)(length.TotalSteps - 1) * i / Places), length))
            .Select(factor => factor.ToString("R", CultureInfo.InvariantCulture));
        return $"{string.Join(' ', factors)}{Over}{length.TotalSteps} steps";
    }

    // Records write their numbers as the current culture does, and a checkpoint may be read under another one.
    private static string Invariant(Func<string> text)
    {
        CultureInfo culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            return text();
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
