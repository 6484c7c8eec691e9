// Which results of layers are kept for the gradients, and which are computed again. All are kept where they fit; else what costs
// little is computed again; else the network is cut into segments, and only what crosses a cut is kept.
// Source: Chen et al. 2016, "Training deep nets with sublinear memory cost".

using CnnNative.Graphs;
using CnnNative.Operators;

namespace CnnNative.Training;

/// <summary>A choice of what is kept, and the schedule that follows from it.</summary>
internal sealed record RecomputationPlan(string Name, HashSet<GraphNode> Kept, TrainingSchedule Schedule)
{
    /// <summary>A layer is cheap if it does at most so many multiply-accumulates for each element of its result: activations,
    /// sums, pooling and normalisations do, convolutions of more than one channel do not.</summary>
    private const int CheapMultiplyAccumulates = 2;

    /// <summary>The first plan whose block of memory is at most so large, from the cheapest to the most frugal.</summary>
    /// <exception cref="InsufficientMemoryException">None is.</exception>
    public static RecomputationPlan Choose(
        Graph graph, GraphShapes shapes, TrainingRequest request, long workspaceBudget, long rest)
    {
        RecomputationPlan? least = null;
        foreach ((string name, HashSet<GraphNode> kept) in Candidates(graph, shapes))
        {
            FollowViews(graph, kept);
            RecomputationPlan plan = new(name, kept, new TrainingSchedule(graph, shapes, request with { Keeps = kept.Contains }));
            if (plan.Schedule.Plan.Bytes <= workspaceBudget)
            {
                return plan;
            }

            least = least is null || plan.Schedule.Plan.Bytes < least.Schedule.Plan.Bytes ? plan : least;
        }

        string needed = MemoryReport.InMegabytes(least!.Schedule.Plan.Bytes + rest);
        string budget = MemoryReport.InMegabytes(Math.Max(0, workspaceBudget + rest));
        throw new InsufficientMemoryException(
            $"MemoryBudget: the training needs at least {needed} MB (recomputation: {least.Name}), the budget is {budget} MB. " +
            "Use a smaller batch or a larger budget.");
    }

    private static IEnumerable<(string Name, HashSet<GraphNode> Kept)> Candidates(Graph graph, GraphShapes shapes)
    {
        yield return ("none", [.. graph.Nodes]);
        yield return ("cheap layers", [.. graph.Nodes.Where(node => !IsCheap(node, shapes))]);
        int root = Math.Max(1, (int)Math.Round(Math.Sqrt(graph.Nodes.Count)));
        foreach (int segments in new[] { 2 * root, root, root / 2, root / 4 }.Where(count => count > 1).Distinct())
        {
            yield return ($"{segments} segments", Segments(graph, shapes, segments));
        }
    }

    private static bool IsCheap(GraphNode node, GraphShapes shapes)
    {
        ValueSpec[] outputs = shapes.OutputsOf(node);
        OperatorCost cost = node.Operator.Cost(shapes.InputsOf(node), outputs);
        return cost.MultiplyAccumulates <= CheapMultiplyAccumulates * outputs.Sum(output => output.Shape.ElementCount);
    }

    /// <summary>Cuts the order of nodes into parts of about the same size of results, each cut where the least crosses it, and
    /// keeps what crosses.</summary>
    private static HashSet<GraphNode> Segments(Graph graph, GraphShapes shapes, int segments)
    {
        List<GraphNode>[] crossing = Crossing(graph);
        long[] ends = new long[graph.Nodes.Count];
        long total = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            ends[i] = total += BytesOf([graph.Nodes[i]], shapes);
        }

        HashSet<GraphNode> kept = [];
        int start = 0;
        for (int segment = 1; segment < segments; segment++)
        {
            // A cut may lie anywhere in the second half of its part, so that parts neither vanish nor double.
            double from = total * (segment - 0.5) / segments, to = (double)total * segment / segments;
            int best = -1;
            for (int i = start; i < ends.Length - 1 && ends[i] <= to; i++)
            {
                if (ends[i] >= from && (best < 0 || BytesOf(crossing[i], shapes) < BytesOf(crossing[best], shapes)))
                {
                    best = i;
                }
            }

            if (best >= 0)
            {
                kept.UnionWith(crossing[best]);
                start = best + 1;
            }
        }

        return kept;
    }

    /// <summary>For the place after each node the nodes before it whose results are read behind it.</summary>
    private static List<GraphNode>[] Crossing(Graph graph)
    {
        Dictionary<GraphNode, int> last = [];
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            foreach (GraphNode producer in graph.Nodes[i].Inputs.Select(Owner).OfType<GraphNode>())
            {
                last[producer] = i;
            }
        }

        var crossing = new List<GraphNode>[graph.Nodes.Count];
        for (int i = 0; i < crossing.Length; i++)
        {
            crossing[i] = [.. graph.Nodes.Take(i + 1).Where(node => last.GetValueOrDefault(node, -1) > i)];
        }

        return crossing;
    }

    /// <summary>The node that computed what a value shows: views have no memory of their own.</summary>
    private static GraphNode? Owner(GraphValue? value)
    {
        while (value?.Producer is { Operator.IsView: true } view)
        {
            value = view.Inputs[0];
        }

        return value?.Producer;
    }

    private static long BytesOf(IEnumerable<GraphNode> nodes, GraphShapes shapes) => nodes
        .Where(node => !node.Operator.IsView)
        .Sum(node => node.Outputs.Sum(output => shapes[output].Bytes));

    /// <summary>A view is kept exactly where what it shows is: it has no memory of its own, but holds that of the
    /// other.</summary>
    private static void FollowViews(Graph graph, HashSet<GraphNode> kept)
    {
        foreach (GraphNode node in graph.Nodes.Where(node => node.Operator.IsView && node.Inputs[0] is not null))
        {
            if (node.Inputs[0]!.Producer is not { } shown || kept.Contains(shown))
            {
                kept.Add(node);
            }
            else
            {
                kept.Remove(node);
            }
        }
    }
}
