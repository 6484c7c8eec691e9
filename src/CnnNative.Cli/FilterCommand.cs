// `cnn filter IMAGE`: the tutorial's steps on a picture of the user's.

using System.CommandLine;

namespace CnnNative.Cli;

internal static class FilterCommand
{
    public static Command Create()
    {
        Argument<string> image = new("IMAGE") { Description = "The picture: JPEG, PNG, WebP, BMP or GIF." };
        FilterOptionSet options = new();
        BackendOption backend = new();
        Option<bool> json = new("--json") { Description = "Print one JSON object on stdout instead of a table." };
        Command command = new(
            "filter",
            "Convolve a picture, apply an activation and pooling, and write a picture of each step:\n" +
            "original.png, convolution.png, activation.png, pooling.png and steps.png.")
        {
            image,
        };
        options.AddTo(command);
        backend.AddTo(command);
        command.Options.Add(json);
        command.SetAction((parsed, cancellation) =>
        {
            FilterOptions filter = options.Read(parsed) with
            {
                Compute = new ComputeChoice(backend.Read(parsed), Threads: 0),
                Json = parsed.GetValue(json),
            };
            FilterRun.FromFile(parsed.GetValue(image)!, filter, cancellation);
            return Task.FromResult(0);
        });
        return command;
    }

    /// <summary>The options of the steps themselves.</summary>
    private sealed class FilterOptionSet
    {
        private readonly Option<string> _kernel = Text(
            "--kernel", "laplacian",
            $"The filter: {string.Join(", ", Kernels2d.All.Select(kernel => kernel.Name))}, or a .npy file with a height x width array.");

        private readonly Option<string> _size = Text("--size", "300x300", "Resize to WIDTHxHEIGHT before filtering.");

        private readonly Option<bool> _gray = new("--gray") { Description = "Filter the luminance (the default)." };

        private readonly Option<bool> _rgb = new("--rgb") { Description = "Filter red, green and blue, each alone." };

        private readonly Option<int> _stride = Number("--stride", "Pixels from one window to the next.");

        private readonly Option<int> _dilation = Number("--dilation", "Pixels between the taps of the kernel.");

        private readonly Option<string> _padding = Text("--padding", "same", "At the border: same (zeros around) or valid (none).");

        private readonly Option<string> _activation = Text(
            "--activation", "relu", "none, relu, leaky-relu, tanh, sigmoid, elu, selu, gelu, silu or hard-swish.");

        private readonly Option<string> _pool = Text("--pool", "max:2", "max:N, avg:N (N x N windows, stride N) or none.");

        private readonly Option<string> _output = Text("--out", ".", "The folder for the pictures; it is made when missing.");

        public void AddTo(Command command)
        {
            Option[] all = [_kernel, _size, _gray, _rgb, _stride, _dilation, _padding, _activation, _pool, _output];
            foreach (Option option in all)
            {
                command.Options.Add(option);
            }
        }

        public FilterOptions Read(ParseResult parsed)
        {
            if (parsed.GetValue(_gray) && parsed.GetValue(_rgb))
            {
                throw new UserException("--gray and --rgb were both given, expected at most one of them.");
            }

            return new FilterOptions
            {
                Kernel = parsed.GetValue(_kernel)!,
                Size = FilterOptions.ParseSize(parsed.GetValue(_size)!),
                Rgb = parsed.GetValue(_rgb),
                Stride = FilterOptions.ParsePositive("--stride", parsed.GetValue(_stride)),
                Dilation = FilterOptions.ParsePositive("--dilation", parsed.GetValue(_dilation)),
                Padding = FilterOptions.ParsePadding(parsed.GetValue(_padding)!),
                Activation = FilterOptions.ParseActivation(parsed.GetValue(_activation)!),
                Pool = FilterOptions.ParsePool(parsed.GetValue(_pool)!),
                Output = OutputPath.Folder("--out", parsed.GetValue(_output))!,
            };
        }

        private static Option<string> Text(string name, string value, string description) =>
            new(name) { Description = description, DefaultValueFactory = _ => value };

        private static Option<int> Number(string name, string description) =>
            new(name) { Description = description, DefaultValueFactory = _ => 1 };
    }
}
