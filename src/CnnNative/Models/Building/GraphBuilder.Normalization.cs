// Normalisations, with their scales, shifts and statistics.

using CnnNative.Models;
using CnnNative.Operators;

namespace CnnNative;

public sealed partial class GraphBuilder
{
    /// <summary>Adds batch normalisation: each channel gets mean 0 and variance 1 over the batch and all pixels, then a trained
    /// scale and shift. Outside training, running means of the statistics take the place of the batch's.</summary>
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

    /// <summary>Adds layer normalisation: the innermost dimensions of each sample get mean 0 and variance 1 together, then a
    /// trained scale and shift for each of their elements.</summary>
    /// <param name="x">A value of any shape.</param>
    /// <param name="dimensions">How many of the innermost dimensions: 1 is the channels of each pixel by themselves, 3 a whole
    /// picture.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="affine">Whether there are scale and shift.</param>
    /// <param name="activation">Applied afterwards, as a node of its own; none by default.</param>
    /// <param name="name">The name in the current scope; null for the next of ln1, ln2 ...</param>
    /// <returns>A value of the same shape.</returns>
    /// <exception cref="ShapeException">The samples have fewer dimensions.</exception>
    public GraphValue LayerNorm(
        GraphValue x, int dimensions = 1, float epsilon = 1e-5f, bool affine = true, Activation activation = default,
        string? name = null)
    {
        ReadOnlySpan<int> sample = ShapeOf(x).ToArray();
        if (dimensions < 1 || dimensions > sample.Length)
        {
            throw new ShapeException(
                $"{Called(nameof(LayerNorm), name)}: {dimensions} dimensions are normalised, expected 1 to {sample.Length} " +
                $"(input {Spec(x)}).");
        }

        Shape shape = new(sample[^dimensions..]);
        GraphNode node = AddNode(
            "ln", name, new LayerNormOperator(dimensions, epsilon), [x], [Scale(affine, shape), Shift(affine, shape)]);
        return Activate(node.Output, activation);
    }

    /// <summary>Adds group normalisation: each group of channels of each sample gets mean 0 and variance 1, then each channel a
    /// trained scale and shift.</summary>
    /// <param name="x">Dimensions of pixels, and channels innermost.</param>
    /// <param name="groups">The number of groups, which divides the channels.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="affine">Whether there are scale and shift.</param>
    /// <param name="activation">Applied afterwards, as a node of its own; none by default.</param>
    /// <param name="name">The name in the current scope; null for the next of gn1, gn2 ...</param>
    /// <returns>A value of the same shape.</returns>
    /// <exception cref="ShapeException">The groups do not divide the channels.</exception>
    public GraphValue GroupNorm(
        GraphValue x, int groups, float epsilon = 1e-5f, bool affine = true, Activation activation = default, string? name = null)
    {
        Check(nameof(GroupNorm), name, "groups", groups);
        return NormalizeGroups("gn", name, x, new GroupNormAttributes(groups, epsilon), affine, activation);
    }

    /// <summary>Adds instance normalisation: each channel of each sample gets mean 0 and variance 1, then a trained scale and
    /// shift.</summary>
    /// <param name="x">Dimensions of pixels, and channels innermost.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="affine">Whether there are scale and shift, as in the paper; PyTorch has none by default.</param>
    /// <param name="activation">Applied afterwards, as a node of its own; none by default.</param>
    /// <param name="name">The name in the current scope; null for the next of in1, in2 ...</param>
    /// <returns>A value of the same shape.</returns>
    public GraphValue InstanceNorm(
        GraphValue x, float epsilon = 1e-5f, bool affine = true, Activation activation = default, string? name = null) =>
        NormalizeGroups("in", name, x, new GroupNormAttributes(Groups: 0, epsilon), affine, activation);

    /// <summary>Adds local response normalisation over neighbouring channels (Krizhevsky et al. 2012): x / (bias + alpha / size *
    /// sum of squares)^beta.</summary>
    /// <param name="x">A value of any shape; channels are its innermost dimension.</param>
    /// <param name="size">Channels that are summed.</param>
    /// <param name="alpha">The factor of the sum.</param>
    /// <param name="beta">The exponent.</param>
    /// <param name="bias">The number that is added.</param>
    /// <param name="name">The name in the current scope; null for the next of lrn1, lrn2 ...</param>
    /// <returns>A value of the same shape.</returns>
    public GraphValue LocalResponseNorm(
        GraphValue x, int size = 5, float alpha = 1e-4f, float beta = 0.75f, float bias = 1f, string? name = null) =>
        Node("lrn", name, new LocalResponseNormOperator(new LocalResponseAttributes(size, alpha, beta, bias)), x);

    private GraphValue NormalizeGroups(
        string kind, string? name, GraphValue x, GroupNormAttributes attributes, bool affine, Activation activation)
    {
        int channels = Channels(x);
        GraphNode node = AddNode(
            kind, name, new GroupNormOperator(attributes), [x], [Scale(affine, channels), Shift(affine, channels)]);
        return Activate(node.Output, activation);
    }

    private static NewParameter? Scale(bool isThere, Shape shape) =>
        isThere ? new NewParameter("gamma", shape, ParameterRole.Bias, Initializer.Ones) : null;

    private static NewParameter? Shift(bool isThere, Shape shape) =>
        isThere ? new NewParameter("beta", shape, ParameterRole.Bias, Initializer.Zeros) : null;
}
