// `cnn run MODEL`: any network on any inputs, from arrays or a picture to arrays.

using System.CommandLine;

namespace CnnNative.Cli;

/// <summary>What was asked for.</summary>
internal sealed record RunOptions
{
    public required string Model { get; init; }

    /// <summary>Names of inputs with files; an empty name stands for the only input.</summary>
    public required IReadOnlyList<(string Name, string File)> Inputs { get; init; }

    public string? Picture { get; init; }

    public required PictureChoice Preprocessing { get; init; }

    /// <summary>The order of the picture's dimensions in the input; null to guess.</summary>
    public TensorLayout? Layout { get; init; }

    public string? Output { get; init; }

    public required ComputeChoice Compute { get; init; }

    public bool Profile { get; init; }

    public string? Trace { get; init; }

    public bool Json { get; init; }
}

internal static class RunCommand
{
    public static Command Create()
    {
        Argument<string> model = new("MODEL") { Description = "The model: a .cnn or .onnx file." };
        Option<string[]> inputs = new("--input")
        {
            Description =
                "An array for an input, with the dimensions in the file's order; a model of one input needs no name. " +
                "May be given several times.",
            HelpName = "NAME=FILE.npy",
            DefaultValueFactory = _ => [],
        };
        Option<string?> image = new("--image")
        {
            Description =
                "A picture for the input that is none yet: JPEG, PNG, WebP, BMP or GIF. A model that decodes pictures itself " +
                "gets the file's bytes.",
            HelpName = "FILE",
        };
        PictureOptionSet picture = new();
        Option<string?> layout = new("--layout")
        {
            Description =
                "Whether the input has channels before pixels, nchw, or after them, nhwc; by default what its sizes tell.",
            HelpName = "nchw|nhwc",
        };
        Option<string?> output = new("--out")
        {
            Description = "Write an array for each output, NAME.npy, with the dimensions in the file's order.",
            HelpName = "DIR",
        };
        ComputeOptionSet compute = new();
        Option<bool> profile = new("--profile") { Description = "Show the time of each layer." };
        Option<string?> trace = new("--trace")
        {
            Description = "Write the times of the layers for chrome://tracing and Perfetto.",
            HelpName = "FILE.json",
        };
        Option<bool> json = new("--json") { Description = "Print one JSON object on stdout instead of tables." };
        Command command = new(
            "run",
            "Run a network once on arrays (.npy) or a picture, and tell or write what it puts out.")
        {
            model, inputs, image,
        };
        picture.AddTo(command);
        command.Options.Add(layout);
        command.Options.Add(output);
        compute.AddTo(command);
        command.Options.Add(profile);
        command.Options.Add(trace);
        command.Options.Add(json);
        command.SetAction((parsed, cancellation) =>
        {
            RunOptions options = new()
            {
                Model = parsed.GetValue(model)!,
                Inputs = [.. parsed.GetValue(inputs)!.Select(ParseInput)],
                Picture = parsed.GetValue(image),
                Preprocessing = picture.Read(parsed),
                Layout = ParseLayout(parsed.GetValue(layout)),
                Output = OutputPath.Folder("--out", parsed.GetValue(output)),
                Compute = compute.Read(parsed),
                Profile = parsed.GetValue(profile),
                Trace = OutputPath.File("--trace", parsed.GetValue(trace), ".json"),
                Json = parsed.GetValue(json),
            };
            if (options.Picture is null && (options.Preprocessing.IsGiven || options.Layout is not null))
            {
                throw new UserException(
                    "--size, --mean, --std, --scale, --color, --fit and --layout need a picture: --image FILE.");
            }

            ModelRun.Run(options, cancellation);
            return Task.FromResult(0);
        });
        return command;
    }

    /// <summary>NAME=FILE, or FILE alone.</summary>
    private static (string Name, string File) ParseInput(string text)
    {
        int sign = text.IndexOf('=', StringComparison.Ordinal);
        (string name, string file) = sign < 0 || File.Exists(text) ? ("", text) : (text[..sign], text[(sign + 1)..]);
        return file.EndsWith(".npy", StringComparison.OrdinalIgnoreCase)
            ? (name, file)
            : throw new UserException($"--input is '{text}', expected NAME=FILE.npy.");
    }

    private static TensorLayout? ParseLayout(string? text) => text switch
    {
        null => null,
        "nchw" => TensorLayout.Nchw,
        "nhwc" => TensorLayout.Nhwc,
        _ => throw new UserException($"--layout is '{text}', expected nchw or nhwc."),
    };
}
