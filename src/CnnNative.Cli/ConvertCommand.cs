// `cnn convert IN OUT`: models between .cnn and .onnx, their descriptions, and weights between the files that frameworks share.

using System.CommandLine;

namespace CnnNative.Cli;

/// <summary>What was asked for.</summary>
internal sealed record ConvertOptions(
    string Input, string Output, IReadOnlyDictionary<string, Shape> Shapes, PictureChoice Picture, string? Classes,
    string? Model);

internal static class ConvertCommand
{
    public static Command Create()
    {
        Argument<string> input = new("IN")
        {
            Description = "A model (.cnn, .onnx, or .json without weights), or weights (.safetensors, .npz).",
        };
        Argument<string> output = new("OUT")
        {
            Description = "A model (.cnn, .onnx), its description (.json), or its weights (.safetensors, .npz).",
        };
        ShapeOption shapes = new();
        PictureOptionSet picture = new();
        Option<string?> classes = new("--classes")
        {
            Description = "The names of the classes, one on each line, which the new file keeps.",
            HelpName = "FILE",
        };
        Option<string?> model = new("--model")
        {
            Description = "The network that weights belong to, where IN has weights and OUT is a model: a name or a file.",
            HelpName = "NAME|FILE",
        };
        Command command = new(
            "convert",
            "Write a model as another kind of file. How pictures become inputs and the names of classes are kept, and may be " +
            "given.")
        {
            input, output,
        };
        shapes.AddTo(command);
        picture.AddTo(command);
        command.Options.Add(classes);
        command.Options.Add(model);
        command.SetAction(parsed => ConvertRun.Run(new ConvertOptions(
            parsed.GetValue(input)!,
            OutputPath.File("OUT", parsed.GetValue(output), ".cnn", ".onnx", ".json", ".safetensors", ".npz")!,
            shapes.Read(parsed), picture.Read(parsed), parsed.GetValue(classes), parsed.GetValue(model))));
        return command;
    }
}
