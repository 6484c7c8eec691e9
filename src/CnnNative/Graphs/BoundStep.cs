// A step with its tensors: what executors walk over. Gradients that are only passed on are copied or added here, so that no
// operator has to know how many readers a value has.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Graphs;

/// <summary>A gradient that is copied or added after an operator's own work.</summary>
internal readonly record struct GradientCopy(Tensor Source, Tensor Target, bool Add);

/// <summary>One node in one executor.</summary>
/// <param name="Node">The node, for messages and profiles.</param>
/// <param name="Prepared">What runs it.</param>
/// <param name="Tensors">Its tensors.</param>
/// <param name="Copies">What follows a gradient.</param>
/// <param name="IsBackward">Whether the step is a gradient.</param>
/// <param name="Computes">Whether the operator has anything to do.</param>
internal sealed record BoundStep(
    GraphNode Node, PreparedOperator Prepared, NodeTensors Tensors, GradientCopy[] Copies, bool IsBackward, bool Computes)
{
    // A node whose results have no elements has nothing to do, and no kernel is asked to.
    private readonly bool _isEmpty = !IsBackward && Tensors.Outputs.All(output => output is { ElementCount: 0 });

    public void Forward(in RunState state)
    {
        if (Computes && !_isEmpty)
        {
            Prepared.Forward(Tensors, in state);
        }
    }

    public void Backward(IKernels kernels, in RunState state)
    {
        if (Computes)
        {
            Prepared.Backward(Tensors, in state);
        }

        foreach (GradientCopy copy in Copies)
        {
            if (copy.Add)
            {
                kernels.Add(copy.Target, copy.Source, Activation.None, copy.Target);
            }
            else
            {
                kernels.Copy(copy.Source, copy.Target);
            }
        }
    }
}
