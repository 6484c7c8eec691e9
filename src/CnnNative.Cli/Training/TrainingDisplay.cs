// What people see while a network learns: a line that moves on a terminal, a line for each epoch elsewhere.

using System.Diagnostics;

namespace CnnNative.Cli;

/// <summary>Shows a training. With --json it stays off stdout, which belongs to the report then.</summary>
internal abstract class TrainingDisplay
{
    /// <summary>The display that suits where the output goes.</summary>
    /// <param name="json">Whether stdout is for the report alone.</param>
    public static TrainingDisplay Create(bool json)
    {
        bool isFile = json ? Console.IsErrorRedirected : Console.IsOutputRedirected;
        TextWriter writer = json ? Console.Error : Console.Out;
        return isFile ? new PlainDisplay(writer) : TerminalDisplay.Create(writer) ?? (TrainingDisplay)new PlainDisplay(writer);
    }

    /// <summary>Writes a line.</summary>
    public abstract void Line(string text);

    /// <summary>Runs work that reports how far it is.</summary>
    public abstract T Run<T>(Func<IProgress<TrainingProgress>, T> work);
}

/// <summary>Lines that a file or a pipe takes: one for each epoch, and some within long ones.</summary>
internal sealed class PlainDisplay(TextWriter writer) : TrainingDisplay, IProgress<TrainingProgress>
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(20);
    private long _last = Stopwatch.GetTimestamp();

    public override void Line(string text) => writer.WriteLine(text);

    public override T Run<T>(Func<IProgress<TrainingProgress>, T> work) => work(this);

    public void Report(TrainingProgress value)
    {
        if (value.Finished is not null)
        {
            writer.WriteLine(EpochText.Finished(value));
        }
        else if (Stopwatch.GetElapsedTime(_last) > _interval)
        {
            writer.WriteLine(EpochText.Running(value));
        }
        else
        {
            return;
        }

        writer.Flush();
        _last = Stopwatch.GetTimestamp();
    }
}

/// <summary>The words of an epoch.</summary>
internal static class EpochText
{
    public static string Number(TrainingProgress progress)
    {
        int digits = FigureTexts.Count(progress.Epochs).Length;
        return $"epoch {FigureTexts.Count(progress.Epoch).PadLeft(digits)}/{FigureTexts.Count(progress.Epochs)}";
    }

    public static string Finished(TrainingProgress progress)
    {
        EpochRecord record = progress.Finished!;
        IEnumerable<string> training = record.Training.Select(pair => $"{pair.Key} {FigureTexts.Metric(pair.Key, pair.Value),7}");
        IEnumerable<string> validation = record.Validation.Select(
            pair => $"val {pair.Key} {FigureTexts.Metric(pair.Key, pair.Value),7}");
        return string.Join("  ",
        [
            Number(progress), .. training, .. validation, $"{FigureTexts.Count(record.ImagesPerSecond),7} images/s",
            $"{FigureTexts.Duration(record.Seconds),6}",
        ]);
    }

    public static string Running(TrainingProgress progress) =>
        $"{Number(progress)}  {FigureTexts.Count(progress.Batch)} of {FigureTexts.Count(progress.Batches)} batches  " +
        $"{Figures(progress)}  " +
        $"{FigureTexts.Clock(progress.Remaining)} left";

    public static string Figures(TrainingProgress progress)
    {
        string accuracy = progress.Accuracy is { } value ? $"  accuracy {FigureTexts.Percent(value),7}" : "";
        return $"loss {FigureTexts.Loss(progress.Loss)}{accuracy}  {FigureTexts.Count(progress.SamplesPerSecond),7} images/s";
    }
}
