// A test for programs: one JSON object.

using System.Text.Json;

namespace CnnNative.Cli;

/// <summary>Figures of a class, from 0 to 1.</summary>
internal sealed record ClassReport(string Name, double Precision, double Recall, double F1, long Samples);

/// <summary>A mistake.</summary>
internal sealed record MistakeReport(string Sample, string Label, string Predicted, double Probability, double Loss);

/// <summary>The report of <c>cnn eval --json</c>. Accuracies are parts from 0 to 1; a row of the confusion is a true
/// class.</summary>
internal sealed record EvalReport(
    string Model, string Data, string Split, double Accuracy, double? Top5Accuracy, double Loss, double MacroF1, int Samples,
    double Seconds, double ImagesPerSecond, IReadOnlyList<ClassReport> Classes, IReadOnlyList<long[]> Confusion,
    IReadOnlyList<MistakeReport> Worst, IReadOnlyList<string> Files)
{
    public static EvalReport Create(
        string model, string dataName, string split, TestFigures test, IDataset data, IReadOnlyList<string> files)
    {
        ConfusionMatrix matrix = test.Matrix;
        IReadOnlyList<string> names = matrix.ClassNames;
        int[] classes = [.. Enumerable.Range(0, matrix.Classes)];
        return new EvalReport(
            model, dataName, split, test.Accuracy, test.TopFive, test.Loss, matrix.F1(Averaging.Macro), test.Samples,
            Math.Round(test.Duration.TotalSeconds, 3), Math.Round(test.Samples / Math.Max(1e-9, test.Duration.TotalSeconds), 1),
            [
                .. classes.Select(i => new ClassReport(
                    names[i], matrix.Precision(i), matrix.Recall(i), matrix.F1(i), matrix.RowTotal(i))),
            ],
            [.. classes.Select(label => classes.Select(predicted => matrix[label, predicted]).ToArray())],
            [
                .. test.Worst.Select(mistake => new MistakeReport(
                    data.NameOf(mistake.Index), names[mistake.Label], names[mistake.Predicted], mistake.Probability,
                    mistake.Loss)),
            ],
            files);
    }

    public string ToJson() => JsonSerializer.Serialize(this, CliJson.Default.EvalReport);
}
