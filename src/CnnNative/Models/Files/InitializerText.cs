// Initialisers by name, for descriptions of models that people write by hand.

using System.Globalization;

namespace CnnNative.Models;

internal static class InitializerText
{
    private static readonly Dictionary<string, Func<float?, Initializer>> Makers = new(StringComparer.Ordinal)
    {
        ["zeros"] = Without(Initializer.Zeros),
        ["ones"] = Without(Initializer.Ones),
        ["he_normal"] = Without(Initializer.HeNormal()),
        ["he_uniform"] = Without(Initializer.HeUniform()),
        ["glorot_normal"] = Without(Initializer.GlorotNormal()),
        ["glorot_uniform"] = Without(Initializer.GlorotUniform()),
        ["orthogonal"] = gain => Initializer.Orthogonal(gain ?? 1),
        ["constant"] = value => Initializer.Constant(
            value ?? throw new FormatException("a constant needs its value, as in constant(0.5).")),
        ["uniform"] = limit => limit is { } high ? Initializer.Uniform(-high, high) : Initializer.Uniform(),
        ["normal"] = deviation => deviation is { } given ? Initializer.Normal(0, given) : Initializer.Normal(),
        ["truncated_normal"] = deviation =>
            deviation is { } given ? Initializer.TruncatedNormal(0, given) : Initializer.TruncatedNormal(),
    };

    /// <summary>Reads a name, with a number in parentheses where the initialiser has one: "he_normal", "normal(0.02)".</summary>
    /// <exception cref="FormatException">There is no such initialiser, or the number cannot be.</exception>
    public static Initializer Parse(string text)
    {
        int open = text.IndexOf('(', StringComparison.Ordinal);
        string name = open < 0 ? text : text[..open];
        float? argument = null;
        if (open >= 0)
        {
            string digits = text.EndsWith(')') ? text[(open + 1)..^1] : "";
            argument = float.TryParse(digits, CultureInfo.InvariantCulture, out float value)
                ? value
                : throw new FormatException($"the initializer is '{text}', expected a number in the parentheses.");
        }

        if (!Makers.TryGetValue(name, out Func<float?, Initializer>? make))
        {
            throw new FormatException($"there is no initializer '{name}'; there are {string.Join(", ", Makers.Keys)}.");
        }

        try
        {
            return make(argument);
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw new FormatException($"the initializer '{text}' cannot be: {error.Message}", error);
        }
    }

    private static Func<float?, Initializer> Without(Initializer initializer) => argument => argument is null
        ? initializer
        : throw new FormatException(
            $"the initializer has the number {argument.Value.ToString(CultureInfo.InvariantCulture)}, expected none.");
}
