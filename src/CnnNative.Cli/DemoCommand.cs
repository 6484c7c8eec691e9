// `cnn demo`: the tutorial on a photograph, and a network that learns digits in a few seconds. Photograph and digits come with
// the program, so that the first run needs nothing.

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
            HelpName = "DIR",
        };
        Command command = new(
            "demo",
            "Convolve, activate and pool a photograph of a cat, then train LeNet-5 on 9,000 digits, " +
            "and write a picture of each step.")
        {
            output,
        };
        command.SetAction((parsed, cancellation) =>
        {
            string folder = OutputPath.Folder("--out", parsed.GetValue(output))!;
            using Stream photograph = typeof(DemoCommand).Assembly.GetManifestResourceStream(Photograph)
                ?? throw new InvalidOperationException($"The program was built without its resource {Photograph}.");
            Image image = Image.Load(photograph);
            FilterRun.FromImage(image, new FilterOptions { Output = folder }, cancellation);
            Console.WriteLine();
            return DigitsDemo.RunAsync(folder, cancellation);
        });
        return command;
    }
}
