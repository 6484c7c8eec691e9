// A training from the command line to the report. Whatever ends it, what was learned is kept: Ctrl+C writes the model as it is
// after the last step.

using CnnNative.Imaging;

namespace CnnNative.Cli;

internal sealed class TrainRun
{
    private const int Interrupted = 130, CurvesWidth = 1560, CurvesHeight = 420;
    private readonly TrainOptions _options;
    private readonly TrainPlan _plan;
    private readonly ComputeContext _context;
    private readonly TrainingDisplay _display;
    private readonly List<string> _files = [];
    private double _begun;

    private TrainRun(TrainOptions options, TrainPlan plan, ComputeContext context)
    {
        (_options, _plan, _context) = (options, plan, context);
        _display = TrainingDisplay.Create(options.Json);
    }

    /// <summary>Trains.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(TrainOptions options, CancellationToken cancellation)
    {
        using ComputeContext context = options.Compute.Open();
        using TrainPlan plan = await TrainPlan.CreateAsync(options, cancellation);
        if (options.FindRate)
        {
            RateSearch.Run(options, plan, context, cancellation);
            return 0;
        }

        return new TrainRun(options, plan, context).Train(cancellation);
    }

    private int Train(CancellationToken cancellation)
    {
        foreach ((string option, string? path) in ((string, string?)[])[("--out", _options.Out), ("--history", _options.History)])
        {
            if (path is not null)
            {
                OutputPath.RequireWritable(option, path);
            }
        }

        _display.Line(_plan.Describe(_context));
        FitOptions fit = _plan.Fit with { Context = _context };
        _begun = ProcessClock.Seconds;
        TrainingResult result;
        bool isCancelled = false;
        try
        {
            result = _display.Run(progress => _plan.Model.Fit(_plan.Train, fit, progress, cancellation));
        }
        catch (TrainingCanceledException cancelled) when (cancelled.Result is not null)
        {
            (result, isCancelled) = (cancelled.Result, true);
        }

        SaveModel();
        SaveHistory(result);
        if (isCancelled)
        {
            Report(result, test: null);
            _display.Line(
                $"Interrupted after {FigureTexts.Count(result.Steps)} steps in epoch {result.History.Count + 1} of " +
                $"{fit.Epochs}." + Kept());
            return Interrupted;
        }

        TestFigures? test = Test(cancellation);
        Draw(result, test);
        Report(result, test);
        return 0;
    }

    private string Kept() => _options.Checkpoints is { } checkpoints
        ? $" The same command with --resume goes on from '{checkpoints.Folder}'."
        : _options.Out is null ? " Nothing was kept: --checkpoint DIR and --out FILE.cnn keep it." : "";

    private void SaveModel()
    {
        if (_options.Out is { } path)
        {
            OutputPath.MakeFolderOf(path);
            _plan.Model.Save(path);
            _files.Add(path);
        }
    }

    private void SaveHistory(TrainingResult result)
    {
        if (_options.History is { } path && result.History.Count > 0)
        {
            // The fit has written it, unless it resumed a training that had no epoch left.
            result.History.Save(path);
            _files.Add(path);
        }
    }

    private TestFigures? Test(CancellationToken cancellation) => _plan.Test is { } test
        ? TestFigures.Measure(_plan.Model, test, _context, TestPictures.Mistakes, cancellation)
        : null;

    private void Draw(TrainingResult result, TestFigures? test)
    {
        if (_options.Plots is not { } folder)
        {
            return;
        }

        Directory.CreateDirectory(folder);
        string curves = Path.Combine(folder, "curves.png");
        TrainingCurves.Draw(result.History, $"{_plan.ModelName} on {_plan.Data.Name}").Save(curves, CurvesWidth, CurvesHeight);
        _files.Add(curves);
        if (test is not null)
        {
            _files.AddRange(TestPictures.Write(folder, test, _plan.Data.Test!, $"{_plan.ModelName} on {_plan.Data.Name}"));
        }
    }

    private void Report(TrainingResult result, TestFigures? test)
    {
        TrainReport report = Create(result, test);
        if (_options.Json)
        {
            Console.WriteLine(report.ToJson());
            return;
        }

        string accuracy = test is null
            ? ""
            : $"test accuracy {FigureTexts.Percent(test.Accuracy)} of {FigureTexts.Count(test.Samples)}, ";
        _display.Line(
            $"{accuracy}{FigureTexts.Count(report.ImagesPerSecond)} images/s, {FigureTexts.Duration(report.Seconds)} in all, " +
            $"at most {FigureTexts.Count(report.PeakMb)} MB of memory");
        _files.ForEach(file => _display.Line($"wrote {file}"));
    }

    private TrainReport Create(TrainingResult result, TestFigures? test) => new()
    {
        Data = _plan.Data.Name,
        Model = _plan.ModelName,
        TestAccuracy = test?.Accuracy,
        TestLoss = test?.Loss,
        ValidationAccuracy = Last(result.Last?.Validation, "accuracy"),
        TrainLoss = Last(result.Last?.Training, "loss"),
        Seconds = Math.Round(ProcessClock.Seconds, 3),
        SecondsBeforeTraining = Math.Round(_begun, 3),
        TrainingSeconds = Math.Round(result.Duration.TotalSeconds, 3),
        TestSeconds = test is null ? null : Math.Round(test.Duration.TotalSeconds, 3),
        ImagesPerSecond = Math.Round(result.SamplesPerSecond, 1),
        Epochs = result.History.Count,
        BestEpoch = result.BestEpoch,
        Steps = result.Steps,
        End = result.End switch
        {
            TrainingEnd.StoppedEarly => "stopped_early",
            TrainingEnd.Cancelled => "interrupted",
            _ => "finished",
        },
        Parameters = _plan.Model.ParameterCount,
        TrainImages = _plan.Train.Count,
        TestImages = test?.Samples,
        Batch = _plan.Fit.BatchSize,
        Seed = _plan.Fit.Seed,
        Backend = BackendOption.WordOf(_context.Backend),
        Isa = _context.InstructionSetName,
        Threads = _context.Threads,
        PeakMb = Math.Round(ProcessClock.PeakMegabytes, 1),
        PlannedMb = Math.Round(result.Memory.Total / (double)(1 << 20), 1),
        Files = _files,
    };

    private static double? Last(IReadOnlyDictionary<string, double>? values, string name) =>
        values is not null && values.TryGetValue(name, out double value) ? value : null;
}
