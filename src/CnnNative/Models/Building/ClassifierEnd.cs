// The end of a classifier: the last layer with weights, and what follows it without caring how many classes there are. For the
// same end with another number of classes.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Models;

/// <summary>The last layers of a classifier.</summary>
/// <param name="layer">The last convolution or fully connected layer.</param>
/// <param name="behind">The nodes from there to the output, in order.</param>
internal sealed class ClassifierEnd(GraphNode layer, IReadOnlyList<GraphNode> behind)
{
    /// <summary>What works on each class by itself, or on pixels, or on all classes however many they are.</summary>
    private static readonly HashSet<string> _followers = new(StringComparer.Ordinal)
    {
        "Activation", "AdaptiveAveragePool2d", "AdaptiveMaxPool2d", "AveragePool2d", "BatchNorm", "Dropout", "GlobalAveragePool",
        "GlobalMaxPool", "LogSoftmax", "MaxPool2d", "PRelu", "ReduceMean", "ReduceSum", "Reshape", "Softmax", "SpatialDropout",
        "Transpose",
    };

    /// <summary>What the last layer reads.</summary>
    public GraphValue Input => layer.Inputs[0]!;

    private int Classes => layer.Inputs[1]!.Parameter!.Shape[0];

    /// <summary>Finds the end.</summary>
    /// <exception cref="InvalidOperationException">The graph does not end so.</exception>
    public static ClassifierEnd Of(Graph graph)
    {
        if (graph.Outputs.Count != 1)
        {
            throw new InvalidOperationException(
                $"The model has {graph.Outputs.Count} outputs, expected one: name the value that the new head reads.");
        }

        List<GraphNode> behind = [];
        for (GraphValue? value = graph.Outputs[0].Value; value?.Producer is { } node;)
        {
            if (node.Operator is LinearOperator or Conv2dOperator { Options.Groups: 1 } && node.Inputs[1]?.Parameter is not null)
            {
                behind.Reverse();
                return new ClassifierEnd(node, behind);
            }

            if (!IsBias(node) && (!_followers.Contains(node.Operator.Kind) || node.Inputs[0]?.Parameter is not null))
            {
                throw new InvalidOperationException(
                    $"Before the output stands {node}, expected a convolution or a fully connected layer, and at most pooling, " +
                    "an activation or softmax behind it: name the value that the new head reads.");
            }

            behind.Add(node);
            value = node.Inputs.FirstOrDefault(input => input is not null && input.Parameter is null);
        }

        throw new InvalidOperationException(
            "The model has no layer with weights that leads to its output: name the value that the new head reads.");
    }

    /// <summary>Adds the same end with new weights.</summary>
    public GraphValue Rebuild(GraphBuilder b, GraphValue x, int classes)
    {
        Shape old = layer.Inputs[1]!.Parameter!.Shape;
        Shape weights = new([classes, .. old.ToArray().AsSpan(1)]);
        string kind = layer.Operator is LinearOperator ? "fc" : "conv";
        x = b.AddNode(
            kind, name: null, WithoutActivation(layer.Operator), [x],
            [new NewParameter("weight", weights, ParameterRole.Weight), new NewParameter("bias", classes, ParameterRole.Bias)])
            .Output;

        // The new layer has a bias; one that was added by itself would be a second. Scores that a ReLU has cut off learn nothing.
        foreach (GraphNode node in behind.Where(node => !IsBias(node) && !IsRectifier(node)))
        {
            NewParameter?[] parameters = [.. node.Inputs.Skip(1).Select((input, i) => Like(node, i + 1, classes))];
            x = b.AddNode(
                node.Operator.Kind.ToLowerInvariant(), name: null, WithClasses(node.Operator, classes), [x], parameters).Output;
        }

        return x;
    }

    /// <summary>A parameter of a node behind the layer, for other classes.</summary>
    private static NewParameter? Like(GraphNode node, int input, int classes) => node.Inputs[input]?.Parameter is { } parameter
        ? new NewParameter(
            node.Operator.InputNames[input], parameter.Shape.ElementCount == 1 ? parameter.Shape : classes, parameter.Role)
        : null;

    private static bool IsBias(GraphNode node) =>
        node.Operator is AddOperator or BinaryOperator { Operation: BinaryOperation.Add }
        && node.Inputs.Count(input => input?.Parameter is not null) == 1;

    private static Operator WithoutActivation(Operator operation) => operation is Conv2dOperator conv
        ? new Conv2dOperator(conv.Options with { Activation = default })
        : new LinearOperator();

    private static bool IsRectifier(GraphNode node) => node.Operator is PReluOperator or ActivationOperator
    {
        Activation.Kind: ActivationKind.Relu or ActivationKind.LeakyRelu or ActivationKind.Clip,
    };

    /// <summary>A reshape that names the old number of classes names the new one.</summary>
    private Operator WithClasses(Operator operation, int classes)
    {
        if (operation is not ReshapeOperator)
        {
            return operation;
        }

        int[] sizes = operation.Attributes.Integers("shape");
        return new ReshapeOperator([.. sizes.Select(size => size == Classes ? classes : size)]);
    }
}
