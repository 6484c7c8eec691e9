// What normalisations without running statistics share: the check of their parameters, what they save, and how tensors are handed
// to kernels. Inputs are input, gamma and beta, of which the latter two may be missing.

using CnnNative.Kernels;

namespace CnnNative.Operators;

internal static class NormRule
{
    public const int InputIndex = 0, GammaIndex = 1, BetaIndex = 2;

    /// <summary>The names of the inputs.</summary>
    public static readonly string[] Names = ["input", "gamma", "beta"];

    /// <summary>Checks that gamma and beta, where they are there, have an element for each channel or each element of a
    /// row.</summary>
    public static void RequireParameters(string name, ReadOnlySpan<ValueSpec?> inputs, long expected, string unit)
    {
        for (int i = GammaIndex; i < inputs.Length; i++)
        {
            if (inputs[i] is { } parameter && parameter.Shape.ElementCount != expected)
            {
                throw new ShapeException(
                    $"{name}: {Names[i]} has {parameter.Shape.ElementCount} elements, expected {expected}, one for each " +
                    $"{unit} of {inputs[InputIndex]!.Value.Shape}.");
            }
        }
    }

    /// <summary>Checks what keeps the square root of a variance from zero.</summary>
    public static void RequireEpsilon(string name, float epsilon)
    {
        if (!(epsilon >= 0 && float.IsFinite(epsilon)))
        {
            throw new ShapeException(
                FormattableString.Invariant($"{name}: epsilon is {epsilon}, expected a small number that is not negative."));
        }
    }

    /// <summary>The gradient by the input is the last that kernels compute.</summary>
    public static GradientWrite WritesGradient(int input) =>
        input == InputIndex ? GradientWrite.OverwritesInPlace : GradientWrite.Overwrites;

    public static NormParameters Parameters(NodeTensors tensors) =>
        new(tensors.OptionalInput(GammaIndex), tensors.OptionalInput(BetaIndex));

    public static NormStatistics Saved(NodeTensors tensors) => new(tensors.Saved[0], tensors.Saved[1]);

    public static NormGradients Gradients(NodeTensors tensors) => new(
        tensors.InputGradient(InputIndex), tensors.InputGradient(GammaIndex), tensors.InputGradient(BetaIndex));
}
