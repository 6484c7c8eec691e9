// `cnn demo`: the tutorial on a photograph that comes with the program, so that the first run needs nothing.

using System.CommandLine;
using CnnNative.Imaging;

namespace CnnNative.Cli;

internal static class DemoCommand
{
    private const string Photograph = "CnnNative.Cli.Assets.chelsea.png";

    public static Command Create()
    {
        Option<string> output = new("--out")
        {
            Description = "The folder for the pictures; it is made when missing.",
            DefaultValueFactory = _ => "cnn-demo",
        };
        Command command = new("demo", "Convolve, activate and pool a photograph of a cat, and write a picture of each step.") { output };
        command.SetAction((parsed, cancellation) =>
        {
            using Stream photograph = typeof(DemoCommand).Assembly.GetManifestResourceStream(Photograph)
                ?? throw new InvalidOperationException($"The program was built without its resource {Photograph}.");
            Image image = Image.Load(photograph);
            FilterRun.FromImage(image, new FilterOptions { Output = parsed.GetValue(output)! }, cancellation);
            return Task.FromResult(0);
        });
        return command;
    }
}
