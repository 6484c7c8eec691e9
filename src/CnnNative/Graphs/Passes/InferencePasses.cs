// The passes that a model runs through before it is compiled for inference, in their order.

using CnnNative.Kernels;

namespace CnnNative.Graphs.Passes;

internal static class InferencePasses
{
    private static readonly (GraphPasses Pass, Func<PassContext, Graph> Apply)[] Order =
    [
        (GraphPasses.FoldConstants, FoldConstants.Apply),
        (GraphPasses.RemoveIdentities, RemoveIdentities.Apply),
        (GraphPasses.MergeTransposes, MergeTransposes.Apply),
        (GraphPasses.FusePads, FusePads.Apply),
        (GraphPasses.RecognizeActivations, RecognizeActivations.Apply),
        (GraphPasses.RecognizeNormalizations, RecognizeNormalizations.Apply),
        (GraphPasses.MoveReshapes, MoveReshapes.Apply),
        (GraphPasses.FoldBatchNorms, context => FoldBatchNorm.Apply(context.Graph, context.Kernels, context.Changed)),
        (GraphPasses.FoldScales, FoldScales.Apply),
        (GraphPasses.FuseActivations, FuseActivations),
        (GraphPasses.FuseResiduals, FuseResidual.Apply),
        (GraphPasses.FuseActivations, FuseActivations),
    ];

    /// <summary>Rewrites a graph for runs without gradients, with the parameters as they are now.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="kernels">What computes constants.</param>
    /// <param name="enabled">The passes that run; those that concern memory alone are not among them.</param>
    /// <param name="reports">Receives what each pass did.</param>
    /// <returns>A graph with the same inputs and outputs. It borrows the parameters of <paramref name="graph"/> that it still uses,
    /// and owns those that were made anew; where nothing changed it is the graph itself.</returns>
    public static Graph Apply(
        Graph graph, IKernels kernels, GraphPasses enabled = GraphPasses.All, List<PassReport>? reports = null)
    {
        HashSet<Parameter> given = [.. graph.Parameters];
        Graph current = graph;
        try
        {
            foreach ((GraphPasses pass, Func<PassContext, Graph> apply) in Order)
            {
                if (!enabled.HasFlag(pass))
                {
                    continue;
                }

                PassContext context = new(current, kernels);
                Graph next = apply(context);
                reports?.Add(new PassReport(pass, current.Nodes.Count, next.Nodes.Count, context.Changed));
                Dispose(current.Parameters.Except(next.Parameters), given);
                current = next;
            }

            return current;
        }
        catch
        {
            Dispose(current.Parameters, given);
            throw;
        }
    }

    private static void Dispose(IEnumerable<Parameter> parameters, HashSet<Parameter> given)
    {
        foreach (Parameter parameter in parameters.Where(parameter => !given.Contains(parameter)))
        {
            parameter.Dispose();
        }
    }

    private static Graph FuseActivations(PassContext context) =>
        FuseActivation.Apply(context.Graph, training: false, context.Changed);
}
