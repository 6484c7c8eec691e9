// `cnn predict MODEL IMAGE...`: what a trained model says of pictures.

using System.CommandLine;

namespace CnnNative.Cli;

/// <summary>What was asked for.</summary>
internal sealed record PredictOptions(
    string Model, IReadOnlyList<string> Images, int Top, bool Invert, PictureChoice Picture, ComputeChoice Compute,
    bool Json);

internal static class PredictCommand
{
    public static Command Create()
    {
        Argument<string> model = new("MODEL") { Description = "The model: a .cnn or .onnx file." };
        Argument<string[]> images = new("IMAGE")
        {
            Description = "Pictures (JPEG, PNG, WebP, BMP or GIF), or folders of them.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<int> top = new("--top")
        {
            Description = "How many classes to tell of each.",
            DefaultValueFactory = _ => 5,
            HelpName = "N",
        };
        Option<bool> invert = new("--invert")
        {
            Description = "Exchange dark and light first: for ink on paper and a model of MNIST.",
        };
        ComputeOptionSet compute = new();
        Option<bool> json = new("--json") { Description = "Print one JSON object on stdout instead of text." };
        Command command = new("predict", "Tell what a model sees in pictures.") { model, images, top, invert };
        PictureOptionSet picture = new();
        picture.AddTo(command);
        compute.AddTo(command);
        command.Options.Add(json);
        command.SetAction((parsed, cancellation) => Task.FromResult(PredictRun.Run(
            new PredictOptions(
                parsed.GetValue(model)!, parsed.GetValue(images)!, FilterOptions.ParsePositive("--top", parsed.GetValue(top)),
                parsed.GetValue(invert), picture.Read(parsed), compute.Read(parsed), parsed.GetValue(json)),
            cancellation)));
        return command;
    }
}
