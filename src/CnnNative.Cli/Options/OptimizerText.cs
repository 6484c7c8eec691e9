// --optimizer, --lr, --momentum and --weight-decay: how weights follow their gradients.

namespace CnnNative.Cli;

/// <summary>What was asked for; what is null has the recipe's or the optimiser's own value.</summary>
internal sealed record OptimizerOptions
{
    public string? Name { get; init; }

    public double? LearningRate { get; init; }

    public double? Momentum { get; init; }

    public double? WeightDecay { get; init; }

    /// <summary>The optimiser.</summary>
    /// <param name="recipe">What is used where nothing was asked for.</param>
    public Optimizer Create(Recipe recipe)
    {
        string name = Name ?? recipe.Optimizer;
        bool isRecipes = name == recipe.Optimizer;
        double? decay = WeightDecay ?? (isRecipes ? recipe.WeightDecay : null);
        double Rate(double usual) => LearningRate ?? (isRecipes ? recipe.LearningRate : usual);
        if (Momentum is not null && name is not ("sgd" or "nesterov" or "rmsprop"))
        {
            throw new UserException($"--momentum belongs to sgd, nesterov and rmsprop; the optimiser is {name}.");
        }

        Optimizer optimizer = name switch
        {
            "sgd" => new Sgd(Rate(0.05)) { Momentum = Momentum ?? 0.9 },
            "nesterov" => new Sgd(Rate(0.05)) { Momentum = Momentum ?? 0.9, Nesterov = true },
            "adam" => new Adam(Rate(0.001)),
            "adamw" => new AdamW(Rate(0.001)),
            "rmsprop" => new RmsProp(Rate(0.001)) { Momentum = Momentum ?? 0 },
            _ => throw new UserException($"--optimizer is '{name}', expected sgd, nesterov, adam, adamw or rmsprop."),
        };
        return decay is { } value ? optimizer with { WeightDecay = value } : optimizer;
    }
}
