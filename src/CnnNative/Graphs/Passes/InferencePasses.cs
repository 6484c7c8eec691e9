// The passes that a model runs through before it is compiled for inference.

using CnnNative.Kernels;

namespace CnnNative.Graphs.Passes;

internal static class InferencePasses
{
    /// <summary>Rewrites a graph for runs without gradients, with the parameters as they are now.</summary>
    /// <returns>A graph with the same inputs and outputs. It borrows the parameters of <paramref name="graph"/> that it still uses,
    /// and owns those that were made anew; where nothing changed it is the graph itself.</returns>
    public static Graph Apply(Graph graph, IKernels kernels)
    {
        Graph folded = FoldBatchNorm.Apply(graph, kernels);
        return FuseActivation.Apply(FuseResidual.Apply(FuseActivation.Apply(folded, training: false)), training: false);
    }
}
