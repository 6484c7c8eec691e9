// A batch normalisation behind a convolution or a fully connected layer is, after training, a scale and a shift of its outputs:
// they are multiplied into the weights and added to the bias, and the normalisation is gone.
// Source: Jacob et al. 2018, "Quantization and training of neural networks", section 3.2.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Graphs.Passes;

internal static class FoldBatchNorm
{
    /// <summary>Folds normalisations into the operators before them. The new weights belong to the new graph.</summary>
    public static Graph Apply(Graph graph, IKernels kernels, List<string>? changed = null) => GraphRewriter.Apply(
        graph, (node, rewriter) => Fold(node, rewriter, kernels), changed);

    private static GraphValue[]? Fold(GraphNode node, GraphRewriter rewriter, IKernels kernels)
    {
        if (node.Operator is not BatchNormOperator { Options: var options } ||
            rewriter.OnlyProducer(node.Inputs[0]) is not { } producer || !IsLinear(producer.Operator) || !HasParameters(node) ||
            producer.Inputs[1]!.Parameter is not { } weights || producer.Inputs.Count > 3 ||
            (producer.Inputs.Count == 3 && producer.Inputs[2] is { Parameter: null }))
        {
            return null;
        }

        Parameter? bias = producer.Inputs.Count == 3 ? producer.Inputs[2]?.Parameter : null;
        (Parameter foldedWeights, Parameter foldedBias) = Fold(kernels, node, options, weights, bias);
        GraphNode folded = new(
            producer.Name, WithRelu(producer.Operator, options.Relu), rewriter.Map(producer.Inputs[0]!), new GraphValue(foldedWeights),
            new GraphValue(foldedBias));
        return [.. folded.Outputs];
    }

    private static bool IsLinear(Operator operation) => operation
        is Conv2dOperator { Options.Activation.Kind: ActivationKind.None } or LinearOperator { Activation.Kind: ActivationKind.None };

    private static bool HasParameters(GraphNode node) => node.Inputs.Skip(1).All(input => input is null || input.Parameter is not null);

    private static Operator WithRelu(Operator operation, bool relu) => (operation, relu) switch
    {
        (Conv2dOperator conv, true) => new Conv2dOperator(conv.Options with { Activation = Activation.Relu }),
        (LinearOperator, true) => new LinearOperator(Activation.Relu),
        _ => operation,
    };

    private static (Parameter Weights, Parameter Bias) Fold(
        IKernels kernels, GraphNode node, BatchNormAttributes options, Parameter weights, Parameter? bias)
    {
        int channels = weights.Shape[0];
        BatchNormGeometry geometry = new(1, channels, options.Epsilon, options.Momentum, Relu: false);
        NormParameters parameters = new(Tensor(node, PreparedBatchNorm.GammaIndex), Tensor(node, PreparedBatchNorm.BetaIndex));
        // Other nodes may still use the weights as they were, so the new ones have names of their own.
        string weightsName = $"{weights.Name} x {node.Name}";
        Parameter foldedBias = new(
            $"{bias?.Name ?? weights.Name} + {node.Name}", CnnNative.Tensor.Uninitialized(channels), ParameterRole.Bias);
        Tensor mean = Tensor(node, PreparedBatchNorm.MeanIndex)!, variance = Tensor(node, PreparedBatchNorm.VarianceIndex)!;

        // Filters that nobody has read yet are multiplied when they are read, and one weight for each stands for them here.
        bool isPending = weights.Value.Pending is not null;
        using Tensor given = isPending ? CnnNative.Tensor.Full(channels, 1f) : weights.Value.View(0, weights.Shape);
        Tensor folded = CnnNative.Tensor.Uninitialized(given.Shape);
        kernels.BatchNormFold(in geometry, in parameters, mean, variance, given, bias?.Value, folded, foldedBias.Value);
        if (isPending)
        {
            folded.Dispose();
            double[] factors = Factors(parameters.Gamma, variance, options.Epsilon);
            folded = CnnNative.Tensor.Deferred(new ScaledSource(weights.Value.View(0, weights.Shape), factors), weights.Shape);
        }

        Parameter foldedWeights = new(weightsName, folded);
        return (foldedWeights, foldedBias);
    }

    /// <summary>What the kernel multiplies the filters with, in its arithmetic.</summary>
    private static double[] Factors(Tensor? gamma, Tensor variance, float epsilon)
    {
        float[] variances = variance.ToArray();
        float[]? gammas = gamma?.ToArray();
        return [.. variances.Select((value, i) => (gammas?[i] ?? 1.0) / Math.Sqrt((double)value + epsilon))];
    }

    private static Tensor? Tensor(GraphNode node, int input) => input < node.Inputs.Count ? node.Inputs[input]?.Parameter!.Value : null;
}
