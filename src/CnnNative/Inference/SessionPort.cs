// An input or output of a session in the orders that callers may have it in. What turning its dimensions around needs is made
// when it is first asked for, and kept, so that runs after the first allocate nothing.

using System.Runtime.InteropServices;
using CnnNative.Graphs;
using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Inference;

/// <summary>One input or output. Not safe to use from several threads at once.</summary>
/// <param name="what">What to call it in messages, such as "input 'image'".</param>
/// <param name="tensor">Where the graph has it; the session owns it.</param>
/// <param name="sourceOrder">See <see cref="GraphInput.SourceOrder"/>.</param>
/// <param name="kernels">What moves elements.</param>
internal sealed class SessionPort(string what, Tensor tensor, IReadOnlyList<int>? sourceOrder, IKernels kernels) : IDisposable
{
    private readonly Dictionary<TensorLayout, Turn?> _turns = [];

    /// <summary>The tensor of the graph.</summary>
    public Tensor Tensor => tensor;

    /// <summary>The shape in a layout.</summary>
    /// <exception cref="ShapeException">It is no batch of pictures and has no such layout.</exception>
    public Shape ShapeIn(TensorLayout layout) =>
        OrderOf(layout) is { } order ? SourceOrder.ToSource(tensor.Shape, order) : tensor.Shape;

    /// <summary>Takes elements.</summary>
    /// <exception cref="ShapeException">There are too few or too many, they are of another type, or the layout does not
    /// fit.</exception>
    public void Set<T>(ReadOnlySpan<T> values, TensorLayout layout)
        where T : unmanaged
    {
        RequireType<T>();
        if (values.Length != tensor.ElementCount)
        {
            throw new ShapeException(
                $"Session: {values.Length} elements were given for {what}, expected {tensor.ElementCount}: {ShapeIn(layout)}.");
        }

        Turn? turn = TurnFor(layout);
        using (TensorAccess<T> access = (turn?.Source ?? tensor).Access<T>())
        {
            values.CopyTo(access.Values);
        }

        turn?.ToGraph.Forward(turn.Inward, default);
    }

    /// <summary>Gives elements.</summary>
    /// <exception cref="ShapeException">The span is too short or of another type, or the layout does not fit.</exception>
    public void Get<T>(Span<T> values, TensorLayout layout)
        where T : unmanaged
    {
        RequireType<T>();
        if (values.Length < tensor.ElementCount)
        {
            throw new ShapeException(
                $"Session: there is room for {values.Length} elements of {what}, expected {tensor.ElementCount}: " +
                $"{ShapeIn(layout)}.");
        }

        Turn? turn = TurnFor(layout);
        turn?.ToSource.Forward(turn.Outward, default);
        using TensorAccess<T> access = (turn?.Source ?? tensor).Access<T>();
        access.Values.CopyTo(values);
    }

    /// <summary>Takes the elements of a tensor.</summary>
    /// <exception cref="ShapeException">Its shape or type is another one, or the layout does not fit.</exception>
    public void Set(Tensor values, TensorLayout layout)
    {
        Shape expected = ShapeIn(layout);
        if (values.Shape != expected || values.ElementType != tensor.ElementType)
        {
            throw new ShapeException(
                $"Session: a tensor of {values.Shape} {values.ElementType} was given for {what}, expected {expected} " +
                $"{tensor.ElementType}.");
        }

        Turn? turn = TurnFor(layout);
        Copy(values, turn?.Source ?? tensor);
        turn?.ToGraph.Forward(turn.Inward, default);
    }

    /// <summary>A copy of the elements.</summary>
    public Tensor ToTensor(TensorLayout layout)
    {
        Turn? turn = TurnFor(layout);
        turn?.ToSource.Forward(turn.Outward, default);
        Tensor copy = Tensor.Uninitialized(ShapeIn(layout), tensor.ElementType);
        Copy(turn?.Source ?? tensor, copy);
        return copy;
    }

    /// <summary>Frees what was made for other layouts.</summary>
    public void Dispose()
    {
        foreach (Turn? turn in _turns.Values)
        {
            turn?.Dispose();
        }
    }

    private static void Copy(Tensor from, Tensor to)
    {
        using TensorAccess<byte> source = from.AccessBytes();
        using TensorAccess<byte> target = to.AccessBytes();
        source.Values.CopyTo(target.Values);
    }

    private void RequireType<T>()
        where T : unmanaged
    {
        if (ElementTypes.Of<T>() != tensor.ElementType)
        {
            throw new ShapeException(
                $"Session: {what} has elements of {tensor.ElementType}, those given are {ElementTypes.Of<T>()}.");
        }
    }

    /// <summary>The order of a layout as <see cref="GraphInput.SourceOrder"/> has it; null for that of the graph.</summary>
    private int[]? OrderOf(TensorLayout layout)
    {
        switch (layout)
        {
            case TensorLayout.Nhwc:
                return null;
            case TensorLayout.Source:
                return sourceOrder is not null && sourceOrder.Count == tensor.Shape.Rank ? [.. sourceOrder] : null;
            default:
                return tensor.Shape.Rank == 4
                    ? SourceOrder.ChannelsFirst.ToArray()
                    : throw new ShapeException(
                        $"Session: {what} is {tensor.Shape}; only a batch of pictures has the layout {layout}.");
        }
    }

    private Turn? TurnFor(TensorLayout layout)
    {
        if (layout == TensorLayout.Nhwc)
        {
            return null;
        }

        ref Turn? turn = ref CollectionsMarshal.GetValueRefOrAddDefault(_turns, layout, out bool exists);
        if (!exists)
        {
            try
            {
                turn = OrderOf(layout) is { } order && !SourceOrder.IsPlain(tensor.Shape, order)
                    ? new Turn(tensor, order, kernels)
                    : null;
            }
            catch
            {
                _turns.Remove(layout);
                throw;
            }
        }

        return turn;
    }

    /// <summary>The same elements in another order, with the way there and back.</summary>
    private sealed class Turn : IDisposable
    {
        public Turn(Tensor graph, int[] order, IKernels kernels)
        {
            Source = Tensor.Uninitialized(SourceOrder.ToSource(graph.Shape, order), graph.ElementType);
            Inward = new NodeTensors { NodeNumber = 0, Inputs = [Source], Outputs = [graph] };
            Outward = new NodeTensors { NodeNumber = 0, Inputs = [graph], Outputs = [Source] };
            ToGraph = Prepare(order, Source, graph, kernels);
            ToSource = Prepare(SourceOrder.Inverse(order), graph, Source, kernels);
        }

        public Tensor Source { get; }

        public NodeTensors Inward { get; }

        public NodeTensors Outward { get; }

        public PreparedOperator ToGraph { get; }

        public PreparedOperator ToSource { get; }

        public void Dispose()
        {
            ToGraph.Dispose();
            ToSource.Dispose();
            Source.Dispose();
        }

        private static PreparedOperator Prepare(int[] axes, Tensor from, Tensor to, IKernels kernels)
        {
            ValueSpec input = new(from.Shape, from.ElementType), output = new(to.Shape, to.ElementType);
            PrepareRequest request = new(kernels, [input], [output], [null], Training: false, default);
            return Transposes.Of(from.ElementType, from.Shape, axes).Prepare(in request);
        }
    }
}
