// What an import makes: a graph with channels innermost, and for each input and output how its dimensions stand in the graph.

namespace CnnNative;

/// <summary>An input or output of an imported graph.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Shape">Its shape in ONNX's order.</param>
/// <param name="Order">For each dimension in the graph, outermost first, which dimension of ONNX's it is: 0, 2, 3, 1 for
/// pictures.</param>
public sealed record OnnxPort(string Name, ElementType Type, Shape Shape, IReadOnlyList<int> Order)
{
    /// <summary>The shape in the graph.</summary>
    public Shape GraphShape
    {
        get
        {
            int[] sizes = new int[Order.Count];
            for (int i = 0; i < sizes.Length; i++)
            {
                sizes[i] = Shape[Order[i]];
            }

            return new Shape(sizes);
        }
    }

    /// <summary>Whether the dimensions stand in the graph as they do in ONNX.</summary>
    public bool IsPlain
    {
        get
        {
            int last = -1;
            foreach (int dimension in Order)
            {
                if (Shape[dimension] != 1)
                {
                    if (dimension < last)
                    {
                        return false;
                    }

                    last = dimension;
                }
            }

            return true;
        }
    }
}

/// <summary>A graph that was made of an ONNX model for given shapes.</summary>
/// <param name="Graph">The graph; the caller disposes it.</param>
/// <param name="Inputs">The inputs of the graph, in its order; inputs of the model whose values were given are not among
/// them.</param>
/// <param name="Outputs">The outputs, in the model's order.</param>
public sealed record OnnxGraph(Graph Graph, IReadOnlyList<OnnxPort> Inputs, IReadOnlyList<OnnxPort> Outputs) : IDisposable
{
    /// <summary>Frees the graph.</summary>
    public void Dispose() => Graph.Dispose();
}
