// What a pass did, for people who want to know what became of their model.

namespace CnnNative;

/// <summary>What one pass did to a graph.</summary>
/// <param name="Pass">Which pass.</param>
/// <param name="NodesBefore">How many nodes there were before it.</param>
/// <param name="NodesAfter">How many there are after it.</param>
/// <param name="Changed">The names of the nodes that it replaced, moved or placed; empty where it found nothing to do.</param>
public sealed record PassReport(GraphPasses Pass, int NodesBefore, int NodesAfter, IReadOnlyList<string> Changed)
{
    /// <summary>The name of the pass as the command line writes it, such as "fold-batch-norms".</summary>
    public string Name => NameOf(Pass);

    /// <summary>The name of a pass as the command line writes it.</summary>
    /// <param name="pass">A single pass.</param>
    public static string NameOf(GraphPasses pass) => pass switch
    {
        GraphPasses.FoldConstants => "fold-constants",
        GraphPasses.RemoveIdentities => "remove-identities",
        GraphPasses.RecognizeActivations => "recognize-activations",
        GraphPasses.RecognizeNormalizations => "recognize-normalizations",
        GraphPasses.MergeTransposes => "merge-transposes",
        GraphPasses.MoveReshapes => "move-reshapes",
        GraphPasses.FoldBatchNorms => "fold-batch-norms",
        GraphPasses.FoldScales => "fold-scales",
        GraphPasses.FuseActivations => "fuse-activations",
        GraphPasses.FuseResiduals => "fuse-residuals",
        GraphPasses.PlaceConcatenations => "place-concatenations",
        GraphPasses.RunInPlace => "run-in-place",
        GraphPasses.FusePads => "fuse-pads",
        _ => pass.ToString(),
    };

    /// <summary>Name, number of changes, and nodes before and after.</summary>
    public override string ToString() => $"{Name}: {Changed.Count} changes, {NodesBefore} -> {NodesAfter} nodes";
}
