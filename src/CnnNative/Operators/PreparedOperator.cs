// How operators run. Preparing one for given shapes makes its plans; binding gives it tensors; a run then allocates nothing.
// A prepared operator holds no tensors of a run, so that sessions can share it.

using System.Numerics;
using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>Some of the inputs or outputs of a node, of which a concatenation may have hundreds. For plans, not for runs.</summary>
internal readonly record struct InputSet(BigInteger Bits)
{
    public static InputSet All => new(BigInteger.MinusOne);

    public bool Contains(int index) => !(Bits >> index).IsEven;

    public InputSet With(int index) => new(Bits | BigInteger.One << index);

    public static InputSet Of(params ReadOnlySpan<int> indices)
    {
        InputSet set = default;
        foreach (int index in indices)
        {
            set = set.With(index);
        }

        return set;
    }
}

/// <summary>What a gradient reads besides the gradients of the outputs.</summary>
internal readonly record struct GradientReads(InputSet Inputs, InputSet Outputs = default);

/// <summary>How an operator delivers the gradient by one of its inputs.</summary>
internal enum GradientWrite
{
    /// <summary>There is none: the function is constant by this input, or has jumps only.</summary>
    None = 0,

    /// <summary>It writes every element.</summary>
    Overwrites = 1,

    /// <summary>It writes every element, and may do so where the gradient of the first output stands.</summary>
    OverwritesInPlace = 2,

    /// <summary>It can also add to what is there, where <see cref="NodeTensors.Accumulate"/> says so.</summary>
    Accumulates = 3,

    /// <summary>It is the gradient of the first output, unchanged but for its shape: nothing is computed.</summary>
    IsOutputGradient = 4,
}

/// <summary>What is known when an operator is prepared.</summary>
/// <param name="Kernels">What computes.</param>
/// <param name="Inputs">Specs of the inputs; null for one that is missing.</param>
/// <param name="Outputs">Specs of the outputs.</param>
/// <param name="Constants">The tensors of inputs that never change while the prepared operator is used; null for the others.
/// </param>
/// <param name="Training">Whether the operator runs as in training: with the statistics of the batch, with dropout.</param>
/// <param name="Wanted">The inputs by which gradients are wanted; none outside training.</param>
internal readonly record struct PrepareRequest(
    IKernels Kernels, ValueSpec?[] Inputs, ValueSpec[] Outputs, Tensor?[] Constants, bool Training, InputSet Wanted)
{
    /// <summary>Elements from one pixel of the output to the next, where it is some of the channels of a wider tensor; 0 where it
    /// is dense.</summary>
    public int OutputStride { get; init; }

    /// <summary>Inputs of a concatenation that were written into its output already.</summary>
    public InputSet Placed { get; init; }

    /// <summary>Collects constant weights, to pack those of all operators together; null where each packs its own.</summary>
    public WeightPacker? Packer { get; init; }

    /// <summary>Packs constant weights, now or with those of others.</summary>
    public void Pack(IConv2dPlan plan, Tensor weights, Tensor? bias)
    {
        if (Packer is not null && plan is IPackedWeights packed)
        {
            Packer.Add(packed, weights, bias);
        }
        else
        {
            plan.Pack(weights, bias);
        }
    }

    /// <summary>Packs a constant right matrix, now or with the weights of others.</summary>
    public void Pack(IMatrixProductPlan plan, Tensor right)
    {
        if (Packer is not null && plan is IPackedWeights packed)
        {
            Packer.Add(packed, right, bias: null);
        }
        else
        {
            plan.Pack(right);
        }
    }

    /// <summary>The shape of an input that is there.</summary>
    public Shape Input(int index) => Inputs[index]!.Value.Shape;

    /// <summary>The shape of an output.</summary>
    public Shape Output(int index = 0) => Outputs[index].Shape;

    /// <summary>Whether the input is there.</summary>
    public bool Has(int index) => index < Inputs.Length && Inputs[index] is not null;
}

/// <summary>What differs from one run to the next besides the data.</summary>
/// <param name="Seed">Where random numbers come from.</param>
/// <param name="Step">The number of the training step; every step has its own random numbers.</param>
internal readonly record struct RunState(ulong Seed, long Step)
{
    /// <summary>The random numbers of a node in this step. Seed, step and node are mixed into the generator's key, so that no two
    /// of them share a sequence, and a step that is repeated finds its numbers again. The mixer is the finaliser of SplitMix64;
    /// Steele, Lea and Flood 2014.</summary>
    public RandomSequence SequenceOf(int node) => new(Mix(Mix(Seed + Increment * unchecked((ulong)Step + 1)) + (ulong)node));

    private const ulong Increment = 0x9E3779B97F4A7C15;

    private static ulong Mix(ulong value)
    {
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
        value = (value ^ value >> 27) * 0x94D049BB133111EB;
        return value ^ value >> 31;
    }
}

/// <summary>The tensors of one node in one executor.</summary>
internal sealed class NodeTensors : IDisposable
{
    /// <summary>Tells nodes apart where they draw random numbers; the same in every executor of a graph.</summary>
    public required int NodeNumber { get; init; }

    /// <summary>Whether this run only repeats one of the same step whose results were not kept.</summary>
    public bool IsRecomputation { get; init; }

    /// <summary>The inputs; null for one that is missing.</summary>
    public required Tensor?[] Inputs { get; init; }

    /// <summary>The outputs; in a gradient null for one that it does not read.</summary>
    public required Tensor?[] Outputs { get; init; }

    /// <summary>What <see cref="Operator.Save"/> asked for.</summary>
    public Tensor[] Saved { get; init; } = [];

    /// <summary>What <see cref="Operator.Scratch"/> asked for; in a gradient alone.</summary>
    public Tensor[] Scratch { get; init; } = [];

    /// <summary>Gradients of the outputs; null for one on which nothing depends.</summary>
    public Tensor?[] OutputGradients { get; init; } = [];

    /// <summary>Where the gradients by the inputs go; null for one that is not wanted.</summary>
    public Tensor?[] InputGradients { get; init; } = [];

    /// <summary>Whether a gradient is added to what is there; only ever true where the operator says that it can.</summary>
    public bool[] Accumulate { get; init; } = [];

    /// <summary>What the operator made of the tensors in its first run, such as views of parts of them.</summary>
    public IDisposable? Derived { get; set; }

    /// <summary>An input that is there.</summary>
    public Tensor Input(int index = 0) => Inputs[index]!;

    /// <summary>An input, or null where it is missing.</summary>
    public Tensor? OptionalInput(int index) => index < Inputs.Length ? Inputs[index] : null;

    /// <summary>An output.</summary>
    public Tensor Output(int index = 0) => Outputs[index]!;

    /// <summary>The gradient of the first output.</summary>
    public Tensor OutputGradient => OutputGradients[0]!;

    /// <summary>Where the gradient by an input goes, or null where it is not wanted.</summary>
    public Tensor? InputGradient(int index) => index < InputGradients.Length ? InputGradients[index] : null;

    /// <summary>Whether the gradient by an input is added.</summary>
    public bool Adds(int index) => index < Accumulate.Length && Accumulate[index];

    /// <summary>Frees <see cref="Derived"/>; the tensors belong to the executor.</summary>
    public void Dispose() => Derived?.Dispose();
}

/// <summary>An operator that is ready to run for given shapes.</summary>
internal abstract class PreparedOperator : IDisposable
{
    /// <summary>Computes the outputs.</summary>
    public abstract void Forward(NodeTensors tensors, in RunState state);

    /// <summary>Computes the wanted gradients by the inputs from those of the outputs.</summary>
    public virtual void Backward(NodeTensors tensors, in RunState state) =>
        throw new NotSupportedException($"{GetType().Name} has no gradient.");

    /// <summary>Frees the plans.</summary>
    public virtual void Dispose()
    {
    }
}

/// <summary>An operator without plans, as two functions.</summary>
internal sealed class SimpleOperator(SimpleOperator.Step forward, SimpleOperator.Step? backward = null) : PreparedOperator
{
    public delegate void Step(NodeTensors tensors);

    public override void Forward(NodeTensors tensors, in RunState state) => forward(tensors);

    public override void Backward(NodeTensors tensors, in RunState state)
    {
        if (backward is null)
        {
            base.Backward(tensors, in state);
        }

        backward!(tensors);
    }
}
