// First weights for a whole graph. Which are right depends on what follows a layer, so they are chosen when the graph is
// complete; and each parameter draws from a stream named after it, so that its weights do not depend on the rest of the model.

using System.Text;
using CnnNative.Operators;

namespace CnnNative.Models;

/// <summary>Fills the parameters of a graph.</summary>
internal static class ParameterInitialization
{
    /// <summary>Where the slope of a parametric ReLU starts, as in PyTorch (He et al. 2015).</summary>
    private const float PReluSlope = 0.25f;

    /// <summary>Fills all parameters but constants.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="given">What was asked for; all others get what suits their place.</param>
    /// <param name="seed">The seed of the model.</param>
    /// <param name="kept">Parameters that have their values already; null for none.</param>
    public static void Apply(
        Graph graph, IReadOnlyDictionary<Parameter, Initializer> given, ulong seed, IReadOnlySet<Parameter>? kept = null)
    {
        Dictionary<Parameter, (GraphNode Node, int Input)> readers = [];
        ILookup<GraphValue, GraphNode> consumers = graph.Nodes
            .SelectMany(node => node.Inputs.OfType<GraphValue>().Select(input => (input, node)))
            .ToLookup(pair => pair.input, pair => pair.node);
        foreach (GraphNode node in graph.Nodes)
        {
            for (int i = 0; i < node.Inputs.Count; i++)
            {
                if (node.Inputs[i]?.Parameter is { } parameter)
                {
                    readers.TryAdd(parameter, (node, i));
                }
            }
        }

        IEnumerable<Parameter> filled = graph.Parameters.Where(
            parameter => parameter.Role != ParameterRole.Constant && kept?.Contains(parameter) != true);
        foreach (Parameter parameter in filled)
        {
            bool isRead = readers.TryGetValue(parameter, out (GraphNode Node, int Input) reader);
            Initializer initializer = given.GetValueOrDefault(parameter)
                ?? (isRead ? Default(parameter, reader.Node, reader.Input, consumers) : Initializer.Zeros);
            initializer.Apply(
                parameter.Value, isRead ? FanOf(parameter.Shape, reader.Node) : new Fan(1, 1), seed, StreamOf(parameter.Name));
        }
    }

    /// <summary>FNV-1a of the name (Fowler, Noll and Vo), which numbers the stream of a parameter.</summary>
    internal static ulong StreamOf(string name)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte letter in Encoding.UTF8.GetBytes(name))
        {
            hash = unchecked((hash ^ letter) * 0x100000001B3);
        }

        return hash;
    }

    private static Initializer Default(
        Parameter parameter, GraphNode reader, int input, ILookup<GraphValue, GraphNode> consumers)
    {
        ReadOnlySpan<string> names = reader.Operator.InputNames;
        return (parameter.Role, names[Math.Min(input, names.Length - 1)]) switch
        {
            (_, "gamma" or "variance") => Initializer.Ones,
            (_, "slopes") => Initializer.Constant(PReluSlope),
            (ParameterRole.Weight, _) => ForWeights(reader, consumers),
            _ => Initializer.Zeros,
        };
    }

    /// <summary>He's weights before a ReLU or one of its relatives, LeCun's before SELU (Klambauer et al. 2017), else Glorot's.
    /// What lies between and keeps the size of signals is looked through.</summary>
    private static Initializer ForWeights(GraphNode layer, ILookup<GraphValue, GraphNode> consumers) =>
        ActivationAfter(layer, consumers) switch
        {
            ActivationKind.Relu or ActivationKind.LeakyRelu or ActivationKind.Elu or ActivationKind.Gelu or ActivationKind.Silu
                or ActivationKind.HardSwish or ActivationKind.Mish or ActivationKind.Softplus or ActivationKind.Clip =>
                Initializer.HeNormal(),
            ActivationKind.Selu => Initializer.HeNormal(negativeSlope: 1),
            _ => Initializer.GlorotUniform(),
        };

    private static ActivationKind ActivationAfter(GraphNode layer, ILookup<GraphValue, GraphNode> consumers)
    {
        HashSet<GraphNode> seen = [layer];
        Queue<GraphNode> open = new([layer]);
        while (open.TryDequeue(out GraphNode? node))
        {
            if (FusedActivation(node.Operator) is var fused && fused != ActivationKind.None)
            {
                return fused;
            }

            foreach (GraphNode next in node.Outputs.SelectMany(output => consumers[output]))
            {
                if (IsLookedThrough(next.Operator) && seen.Add(next))
                {
                    open.Enqueue(next);
                }
            }
        }

        return ActivationKind.None;
    }

    private static bool IsLookedThrough(Operator operation) => operation is
        ActivationOperator or PReluOperator or BatchNormOperator or LayerNormOperator or GroupNormOperator or MaxPool2dOperator
        or AveragePool2dOperator or GlobalAveragePoolOperator or DropoutOperator or ReshapeOperator or AddOperator
        or ConcatOperator or PadOperator or ResizeOperator;

    private static ActivationKind FusedActivation(Operator operation) => operation switch
    {
        ActivationOperator activation => activation.Activation.Kind,
        Conv2dOperator conv => conv.Options.Activation.Kind,
        ConvTranspose2dOperator conv => conv.Options.Activation.Kind,
        LinearOperator linear => linear.Activation.Kind,
        AddOperator add => add.Activation.Kind,
        BatchNormOperator { Options.Relu: true } or GroupNormOperator { Options.Relu: true } => ActivationKind.Relu,
        PReluOperator => ActivationKind.LeakyRelu,
        _ => ActivationKind.None,
    };

    private static Fan FanOf(Shape shape, GraphNode reader) => reader.Operator switch
    {
        Conv2dOperator conv when shape.Rank == 4 => Fan.OfConv2d(shape, conv.Options.Groups),
        ConvTranspose2dOperator conv when shape.Rank == 4 => FanOf(shape, conv.Options),
        LinearOperator when shape.Rank == 2 => Fan.OfLinear(shape),
        _ when shape is { Rank: >= 1, ElementCount: >= 1 } => new Fan(checked((int)(shape.ElementCount / shape[0])), shape[0]),
        _ => new Fan(1, 1),
    };

    /// <summary>Each output pixel of a transposed convolution meets only every stride-th tap, and its weights are those of the
    /// convolution that leads back.</summary>
    private static Fan FanOf(Shape shape, in ConvTranspose2dAttributes options)
    {
        Fan back = Fan.OfConv2d(shape, options.Groups);
        int strides = options.Stride.Height * options.Stride.Width;
        return new Fan(Math.Max(1, back.Output / strides), Math.Max(1, back.Input));
    }
}
