// What a pass may ask besides the graph: kernels to compute with, and shapes where they can be known before anybody has said how
// large the batch is.

using CnnNative.Kernels;

namespace CnnNative.Graphs.Passes;

/// <summary>A graph that a pass works on.</summary>
internal sealed class PassContext(Graph graph, IKernels kernels)
{
    private readonly Lazy<GraphShapes?> _shapes = new(() => Infer(graph));

    /// <summary>The graph before the pass.</summary>
    public Graph Graph => graph;

    /// <summary>What computes.</summary>
    public IKernels Kernels => kernels;

    /// <summary>The names of the nodes that were changed.</summary>
    public List<string> Changed { get; } = [];

    /// <summary>The shape of a value of the graph for a batch of one; null where shapes are open. Passes rely on what does not
    /// depend on the batch only: the number of dimensions and the innermost one.</summary>
    public Shape? ShapeOf(GraphValue value) => _shapes.Value?[value].Shape;

    private static GraphShapes? Infer(Graph graph)
    {
        try
        {
            return new GraphShapes(graph, GraphShapes.ForBatch(graph, 1));
        }
        catch (ShapeException)
        {
            // Other dimensions than the batch are open, or do not fit, which is for whoever runs the graph to find out.
            return null;
        }
    }
}
