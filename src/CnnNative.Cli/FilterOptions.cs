// What `cnn filter` was asked for, as values that are already checked. Text becomes a kernel, a size or an activation here,
// so that every message about a wrong option stands in one file.

using System.Globalization;

namespace CnnNative.Cli;

/// <summary>The options of the tutorial's steps; the defaults are the tutorial's own.</summary>
internal sealed record FilterOptions
{
    public string Kernel { get; init; } = "laplacian";

    public Size2d Size { get; init; } = (300, 300);

    public bool Rgb { get; init; }

    public int Stride { get; init; } = 1;

    public int Dilation { get; init; } = 1;

    public Padding Padding { get; init; } = Padding.Same;

    public Activation Activation { get; init; } = Activation.Relu;

    public PoolOption? Pool { get; init; } = new PoolOption(Maximum: true, Window: 2);

    public string Output { get; init; } = ".";

    public ComputeChoice Compute { get; init; }

    public bool Json { get; init; }

    /// <summary>The kernel of a name or of a .npy file with two dimensions.</summary>
    public static Kernel2d ParseKernel(string text)
    {
        Kernel2d? known = Kernels2d.All.FirstOrDefault(kernel => kernel.Name == text);
        if (known is not null)
        {
            return known;
        }

        if (!text.EndsWith(".npy", StringComparison.OrdinalIgnoreCase))
        {
            string names = string.Join(", ", Kernels2d.All.Select(kernel => kernel.Name));
            throw new UserException($"--kernel is '{text}', expected one of {names}, or a file that ends with .npy.");
        }

        if (!File.Exists(text))
        {
            throw new UserException($"--kernel names the file '{text}', which does not exist.");
        }

        using Tensor weights = NpyFile.Read(text);
        if (weights.Shape.Rank != 2)
        {
            throw new UserException($"--kernel: the array in '{text}' is {weights.Shape}, expected two dimensions: height x width.");
        }

        return new Kernel2d(Path.GetFileNameWithoutExtension(text), (weights.Shape[0], weights.Shape[1]), weights.ToArray());
    }

    /// <summary>WIDTHxHEIGHT.</summary>
    public static Size2d ParseSize(string text)
    {
        const int largest = 16384;
        string[] parts = text.Split('x', 'X');
        if (parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int width)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int height)
            && width is >= 1 and <= largest && height is >= 1 and <= largest)
        {
            return (height, width);
        }

        throw new UserException($"--size is '{text}', expected WIDTHxHEIGHT with numbers from 1 to {largest}, such as 300x300.");
    }

    public static int ParsePositive(string option, int value) =>
        value >= 1 ? value : throw new UserException($"{option} is {value}, expected at least 1.");

    public static Padding ParsePadding(string text) => text switch
    {
        "same" => Padding.Same,
        "valid" => Padding.Valid,
        _ => throw new UserException($"--padding is '{text}', expected same or valid."),
    };

    public static Activation ParseActivation(string text) => text switch
    {
        "none" => Activation.None,
        "relu" => Activation.Relu,
        "leaky-relu" => Activation.LeakyRelu(),
        "tanh" => Activation.Tanh,
        "sigmoid" => Activation.Sigmoid,
        "elu" => Activation.Elu(),
        "selu" => Activation.Selu,
        "gelu" => Activation.Gelu,
        "silu" => Activation.Silu,
        "hard-swish" => Activation.HardSwish,
        _ => throw new UserException(
            $"--activation is '{text}', expected none, relu, leaky-relu, tanh, sigmoid, elu, selu, gelu, silu or hard-swish."),
    };

    /// <summary>An activation as people write it, for titles.</summary>
    public static string NameOf(ActivationKind kind) => kind switch
    {
        ActivationKind.None => "no activation",
        ActivationKind.Relu => "ReLU",
        ActivationKind.LeakyRelu => "leaky ReLU",
        ActivationKind.Elu or ActivationKind.Selu or ActivationKind.Gelu => kind.ToString().ToUpperInvariant(),
        ActivationKind.Silu => "SiLU",
        ActivationKind.HardSwish => "hard-swish",
        _ => kind.ToString().ToLowerInvariant(),
    };

    /// <summary>max:N, avg:N or none.</summary>
    public static PoolOption? ParsePool(string text)
    {
        if (text == "none")
        {
            return null;
        }

        string[] parts = text.Split(':');
        if (parts.Length == 2 && parts[0] is "max" or "avg"
            && int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int window) && window >= 1)
        {
            return new PoolOption(parts[0] == "max", window);
        }

        throw new UserException($"--pool is '{text}', expected max:N, avg:N or none, such as max:2.");
    }
}

/// <summary>Pooling with a square window and a stride of the same size.</summary>
internal sealed record PoolOption(bool Maximum, int Window);
