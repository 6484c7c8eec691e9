// The likeliest classes of a prediction, with probabilities even where the model gives logits.

namespace CnnNative.Cli;

/// <summary>A class that a picture may show.</summary>
internal sealed record ClassGuess(string Class, int Index, double Probability);

internal static class Probabilities
{
    /// <summary>The likeliest classes, the likeliest first.</summary>
    public static IReadOnlyList<ClassGuess> Top(Model model, Tensor input, int count, ComputeContext context)
    {
        using Tensor output = model.Predict(input, context: context);
        double[] parts = Of(output.ToArray(), ModelFacts.GivesProbabilities(model));
        int[] order = [.. Enumerable.Range(0, parts.Length)];
        Array.Sort(order, (a, b) => parts[a] != parts[b] ? parts[b].CompareTo(parts[a]) : a.CompareTo(b));
        return [.. order.Take(count).Select(i => new ClassGuess(NameOf(model, i), i, parts[i]))];
    }

    private static string NameOf(Model model, int index) =>
        model.ClassNames is { } names && index < names.Count ? names[index] : $"class {index}";

    private static double[] Of(float[] scores, bool areProbabilities)
    {
        if (areProbabilities)
        {
            return [.. scores.Select(score => (double)score)];
        }

        double largest = scores.Max();
        double[] exponentials = [.. scores.Select(score => Math.Exp(score - largest))];
        double sum = exponentials.Sum();
        return [.. exponentials.Select(value => value / sum)];
    }
}
