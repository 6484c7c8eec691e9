// What `cnn train` does where nobody says otherwise: for each network the settings with which it learns well without any tuning.

namespace CnnNative.Cli;

/// <summary>Settings of a training.</summary>
internal sealed record Recipe
{
    public int Epochs { get; init; } = 10;

    public int Batch { get; init; } = 64;

    public string Optimizer { get; init; } = "adamw";

    public double LearningRate { get; init; } = 0.002;

    public double? WeightDecay { get; init; }

    public string Schedule { get; init; } = "one-cycle";

    public string Augment { get; init; } = "none";

    /// <summary>The settings for a network and data.</summary>
    /// <param name="model">The name of a network of the zoo, or a file.</param>
    /// <param name="data">The name of a data set, or a folder or file.</param>
    public static Recipe For(string model, string data) => ForModel(ModelSource.Usual(model)) with { Augment = AugmentFor(data) };

    /// <summary>The network that suits pictures of a size where nobody names one.</summary>
    /// <param name="picture">Height x width x channels.</param>
    public static string ModelFor(Shape picture) => Math.Min(picture[0], picture[1]) switch
    {
        < 12 => "tutorial",
        < 48 when picture[2] == 1 => "lenet",
        < 96 => "resnet20",
        _ => "resnet18",
    };

    private static Recipe ForModel(string model) => model switch
    {
        "resnet20" => new Recipe { Epochs = 20, Batch = 128, Optimizer = "nesterov", LearningRate = 0.1, WeightDecay = 5e-4 },
        "lenet" or "tutorial" => new Recipe(),
        _ => new Recipe { Epochs = 30, Batch = 32, LearningRate = 0.001 },
    };

    /// <summary>Changes that leave the class as it is: mirrored digits are no digits.</summary>
    private static string AugmentFor(string data) => data switch
    {
        "mnist-10k" or "mnist" => "shift:1",
        "fashion-mnist" => "flip,shift:1",
        "cifar10" or "cifar100" => "flip,crop:4",
        _ => "none",
    };
}
