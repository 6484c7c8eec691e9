// A step of a run: one node forwards or backwards, with the memory items that it touches. Executors turn items into tensors once
// and then walk over the steps.

using CnnNative.Operators;

namespace CnnNative.Graphs;

/// <summary>Where the gradient by one input of a node goes.</summary>
/// <param name="Item">The item; null for a parameter's gradient, which lies in the arena.</param>
/// <param name="Parameter">The parameter; null for an item.</param>
/// <param name="Scratch">Where the operator writes when it cannot add; the sum is made afterwards.</param>
/// <param name="Accumulate">Whether it is added to what is there.</param>
/// <param name="FromOutput">The gradient is that of the output: it is shared, copied or added, not computed.</param>
internal sealed record GradientTarget(
    MemoryItem? Item, Parameter? Parameter, MemoryItem? Scratch, bool Accumulate, bool FromOutput);

/// <summary>An item that a node works in, and what it holds.</summary>
internal readonly record struct WorkingItem(MemoryItem Item, ValueSpec Spec);

/// <summary>One node, once.</summary>
internal sealed class ScheduledStep
{
    /// <summary>The node.</summary>
    public required GraphNode Node { get; init; }

    /// <summary>Its position among the nodes of the graph.</summary>
    public required int NodeNumber { get; init; }

    /// <summary>Whether it runs backwards.</summary>
    public bool IsBackward { get; init; }

    /// <summary>Whether it runs forwards once more, because its result was not kept.</summary>
    public bool IsRecomputation { get; init; }

    /// <summary>The inputs that it touches; null for parameters, missing inputs, and what a gradient does not read.</summary>
    public required MemoryItem?[] Inputs { get; init; }

    /// <summary>The outputs that it touches; null for what a gradient does not read.</summary>
    public required MemoryItem?[] Outputs { get; init; }

    /// <summary>What is kept for the gradient besides.</summary>
    public required WorkingItem[] Saved { get; init; }

    /// <summary>What a gradient works in.</summary>
    public WorkingItem[] Scratch { get; init; } = [];

    /// <summary>The gradients of the outputs; null for one on which nothing depends.</summary>
    public MemoryItem?[] OutputGradients { get; init; } = [];

    /// <summary>Where gradients go; null for one that is not wanted.</summary>
    public GradientTarget?[] Targets { get; init; } = [];

    /// <summary>The inputs by which gradients are wanted.</summary>
    public InputSet Wanted
    {
        get
        {
            InputSet wanted = default;
            for (int i = 0; i < Targets.Length; i++)
            {
                wanted = Targets[i] is null ? wanted : wanted.With(i);
            }

            return wanted;
        }
    }
}
