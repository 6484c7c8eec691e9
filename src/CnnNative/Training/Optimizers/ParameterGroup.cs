// Parameters that are trained otherwise than the rest, found by their names.

using System.IO.Enumeration;

namespace CnnNative;

/// <summary>Parameters with a learning rate or weight decay of their own.</summary>
/// <param name="Pattern">Matches parameters' names; * stands for any letters and ? for one, as in "head.*".</param>
public sealed record ParameterGroup(string Pattern)
{
    /// <summary>Multiplies the learning rate of these parameters.</summary>
    public double RateFactor { get; init; } = 1;

    /// <summary>Their weight decay, biases included; null for the optimiser's.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>Whether a name matches.</summary>
    /// <param name="name">A parameter's name.</param>
    public bool Matches(string name) => FileSystemName.MatchesSimpleExpression(Pattern, name, ignoreCase: false);
}
