// The passes that training runs: fewer passes over memory, the same losses and gradients.

namespace CnnNative.Graphs.Passes;

internal static class TrainingPasses
{
    /// <summary>Rewrites a graph for training.</summary>
    /// <returns>A graph with the same inputs, outputs and parameters, which it borrows from <paramref name="graph"/>; that graph
    /// itself where there is nothing to rewrite. The caller does not dispose it.</returns>
    public static Graph Apply(Graph graph) => FuseActivation.Apply(MoveActivation.Apply(graph), training: true);
}
