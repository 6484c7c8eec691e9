// Decides how an input stands in the graph: pictures that go into convolutions or the like have their channels innermost from the
// start, so that nothing has to be turned around inside.

using CnnNative.Onnx.Schema;

namespace CnnNative.Onnx.Importing;

internal static class InputOrder
{
    private static readonly HashSet<string> Spatial = new(StringComparer.Ordinal)
    {
        "Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "BatchNormalization", "Resize",
            "Upsample",
        "LRN", "InstanceNormalization", "GroupNormalization", "DepthToSpace", "SpaceToDepth",
    };

    /// <summary>What does not care how memory lies, so that one looks behind it.</summary>
    private static readonly HashSet<string> Transparent = new(StringComparer.Ordinal)
    {
        "Add", "Sub", "Mul", "Div", "Relu", "LeakyRelu", "Sigmoid", "Tanh", "Clip", "Cast", "Identity", "Dropout", "Pad",
            "Concat", "Split", "Slice",
        "PRelu", "HardSwish", "HardSigmoid", "Elu", "Neg", "Abs", "Sqrt", "Pow", "ImageScaler",
    };

    /// <summary>For each place in memory the dimension of an input that stands there.</summary>
    public static int[] Of(GraphProto graph, string input, int rank, ElementType type)
    {
        int[] plain = [.. Enumerable.Range(0, rank)];
        if (rank is < 3 or > 5 || type != ElementType.Float32)
        {
            return plain;
        }

        HashSet<string> reached = new(StringComparer.Ordinal) { input };
        foreach (NodeProto node in graph.Node)
        {
            // A second input, such as the weights of a convolution, is no picture.
            bool isFirst = node.Input.Count > 0 && reached.Contains(node.Input[0]);
            if (isFirst && Spatial.Contains(node.OpType))
            {
                return DimLayout.ChannelsLast(rank);
            }

            if (Transparent.Contains(node.OpType) && node.Input.Any(reached.Contains))
            {
                reached.UnionWith(node.Output);
            }
        }

        return plain;
    }
}
