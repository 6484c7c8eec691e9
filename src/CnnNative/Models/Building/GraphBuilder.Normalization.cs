// Normalisations, with their scales, shifts and statistics.

using CnnNative.Models;
using CnnNative.Operators;

namespace CnnNative;

public sealed partial class GraphBuilder
{
    /// <summary>Adds batch normalisation: each channel gets mean 0 and variance 1 over the batch and all pixels, then a trained scale
    /// and shift. Outside training, running means of the statistics take the place of the batch's.</summary>
    /// <param name="x">A value of any shape; channels are its innermost dimension.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="momentum">What a batch contributes to the running statistics, as in PyTorch; Keras gives 1 minus it.</param>
    /// <param name="affine">Whether there are scale and shift.</param>
    /// <param name="activation">Applied afterwards, as a node of its own; none by default.</param>
    /// <param name="name">The name in the current scope; null for the next of bn1, bn2 ...</param>
    /// <returns>A value of the same shape.</returns>
    public GraphValue BatchNorm(
        GraphValue x, float epsilon = 1e-5f, float momentum = 0.1f, bool affine = true, Activation activation = default,
        string? name = null)
    {
        int channels = Channels(x);
        GraphNode node = AddNode(
            "bn", name, new BatchNormOperator(new BatchNormAttributes(epsilon, momentum)), [x],
            [
                new NewParameter("mean", channels, ParameterRole.Statistic, Initializer.Zeros),
                new NewParameter("variance", channels, ParameterRole.Statistic, Initializer.Ones),
                Scale(affine, channels),
                Shift(affine, channels),
            ]);
        return Activate(node.Output, activation);
    }

    private static NewParameter? Scale(bool isThere, Shape shape) =>
        isThere ? new NewParameter("gamma", shape, ParameterRole.Bias, Initializer.Ones) : null;

    private static NewParameter? Shift(bool isThere, Shape shape) =>
        isThere ? new NewParameter("beta", shape, ParameterRole.Bias, Initializer.Zeros) : null;
}
