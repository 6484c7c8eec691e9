// `cnn train --lr-find`: the loss over all learning rates, and a rate that suits.

using CnnNative.Imaging;

namespace CnnNative.Cli;

internal static class RateSearch
{
    private const int ShownRates = 16, BarLength = 40;

    public static void Run(TrainOptions options, TrainPlan plan, ComputeContext context, CancellationToken cancellation)
    {
        LearningRateCurve curve = LearningRateFinder.Run(
            plan.Model, plan.Train, plan.Fit with { Context = context }, cancellationToken: cancellation);
        List<string> files = [];
        if (options.Plots is { } folder)
        {
            Directory.CreateDirectory(folder);
            files.Add(Path.Combine(folder, "lr-finder.png"));
            Draw(curve, plan).Save(files[0]);
        }

        if (options.Json)
        {
            RateReport report = new(
                plan.Data.Name, plan.ModelName, plan.Fit.Optimizer.Name, plan.Fit.BatchSize, curve.Suggestion, curve.Rates,
                curve.Losses, curve.Smoothed, files);
            Console.WriteLine(report.ToJson());
            return;
        }

        Print(curve);
        string suggestion = curve.Suggestion is { } rate
            ? $"the loss falls fastest at {FigureTexts.Rate(rate)}: try --lr {FigureTexts.Rate(rate)}"
            : "the loss did not fall at any rate";
        Console.WriteLine(
            $"{plan.ModelName} on {plan.Data.Name}, {plan.Fit.Optimizer.Name}, batch {plan.Fit.BatchSize}: {suggestion}");
        files.ForEach(file => Console.WriteLine($"wrote {file}"));
    }

    private static LineFigure Draw(LearningRateCurve curve, TrainPlan plan)
    {
        // Beyond this the curve shoots up, and everything else would be a flat line.
        double most = 1.5 * curve.Smoothed[0];
        int shown = curve.Smoothed.TakeWhile(loss => loss <= most).Count();
        string advice = curve.Suggestion is { } rate ? $"try {FigureTexts.Rate(rate)}" : "no rate helps";
        return Figure.Lines(
                new Series("averaged", curve.Smoothed.Take(shown), curve.Rates.Take(shown)),
                new Series("each batch", curve.Losses.Take(shown).Select(loss => Math.Min(loss, most)), curve.Rates.Take(shown)))
            .WithAxes("learning rate", "loss")
            .WithLogarithmicX()
            .WithTitle($"{plan.ModelName} on {plan.Data.Name}: {advice}");
    }

    private static void Print(LearningRateCurve curve)
    {
        double highest = curve.Smoothed.Take(Math.Max(1, curve.Smoothed.Count / 2)).Max();
        int step = Math.Max(1, curve.Rates.Count / ShownRates);
        Console.WriteLine($"{"rate",9}  {"loss",9}");
        for (int i = 0; i < curve.Rates.Count; i += step)
        {
            int length = (int)Math.Round(BarLength * Math.Clamp(curve.Smoothed[i] / highest, 0, 1));
            Console.WriteLine(
                $"{FigureTexts.Rate(curve.Rates[i]),9}  {FigureTexts.Loss(curve.Smoothed[i]),9}  {new string('#', length)}");
        }
    }
}

/// <summary>The report of <c>cnn train --lr-find --json</c>.</summary>
internal sealed record RateReport(
    string Data, string Model, string Optimizer, int Batch, double? SuggestedLr, IReadOnlyList<double> Rates,
    IReadOnlyList<double> Losses, IReadOnlyList<double> AveragedLosses, IReadOnlyList<string> Files)
{
    public string ToJson() => System.Text.Json.JsonSerializer.Serialize(this, CliJson.Default.RateReport);
}
