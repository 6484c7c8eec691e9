// `cnn eval MODEL --data ...`: how good a trained model is, and where it is wrong.

using System.CommandLine;

namespace CnnNative.Cli;

/// <summary>What was asked for.</summary>
internal sealed record EvalOptions(
    string Model, DataChoice Data, string? Split, PictureChoice Picture, ComputeChoice Compute, string? Plots, string? Report,
    bool Json);

internal static class EvalCommand
{
    private static readonly string[] _splits = ["test", "validation", "train"];

    public static Command Create()
    {
        Argument<string> model = new("MODEL") { Description = "The model: a .cnn or .onnx file." };
        DataOptionSet data = new();
        Option<string?> split = new("--split")
        {
            Description = "Which part of the data: test, validation or train; by default the first of them that there is.",
            HelpName = "PART",
        };
        ComputeOptionSet compute = new();
        Option<string?> plots = new("--plots")
        {
            Description = "Write pictures: confusion matrix, the worst mistakes.",
            HelpName = "DIR",
        };
        Option<string?> report = new("--report")
        {
            Description = "Write tables and pictures' names as Markdown.",
            HelpName = "FILE.md",
        };
        Option<bool> json = new("--json") { Description = "Print one JSON object on stdout instead of tables." };
        Command command = new(
            "eval",
            "Measure a model: accuracy; precision, recall and F1 of each class; what is taken for what; the worst mistakes.")
        {
            model,
        };
        data.AddTo(command);
        command.Options.Add(split);
        PictureOptionSet picture = new();
        picture.AddTo(command);
        compute.AddTo(command);
        command.Options.Add(plots);
        command.Options.Add(report);
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellation) =>
        {
            await EvalRun.RunAsync(
                new EvalOptions(
                    parsed.GetValue(model)!, data.Read(parsed), ReadSplit(parsed.GetValue(split)), picture.Read(parsed),
                    compute.Read(parsed),
                    OutputPath.Folder("--plots", parsed.GetValue(plots)),
                    OutputPath.File("--report", parsed.GetValue(report), ".md"),
                    parsed.GetValue(json)),
                cancellation);
            return 0;
        });
        return command;
    }

    private static string? ReadSplit(string? text) => text is null || _splits.Contains(text)
        ? text
        : throw new UserException($"--split is '{text}', expected {string.Join(", ", _splits)}.");
}
