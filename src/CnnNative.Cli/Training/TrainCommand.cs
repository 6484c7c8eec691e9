// `cnn train`: a network learns a data set.

using System.CommandLine;

namespace CnnNative.Cli;

internal static class TrainCommand
{
    public static Command Create()
    {
        TrainOptionSet options = new();
        Command command = new(
            "train",
            "Train a network on a data set and measure it. Whatever is not said is chosen to suit network and data:\n" +
            "'cnn train --data mnist-10k' needs no files at all. Ctrl+C keeps what was learned.");
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => TrainRun.RunAsync(options.Read(parsed), cancellation));
        return command;
    }
}
