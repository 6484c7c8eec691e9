// All parameters of a network side by side in one block, with their gradients in another of the same layout. So an optimiser's
// step, the norm of all gradients, an average of weights or a snapshot is one pass over memory, however many layers there are.

using CnnNative.Kernels;

namespace CnnNative.Graphs;

/// <summary>The parameters of a graph in one block: weights first, then biases, then statistics, each in the graph's order.
/// Between them stand zeros, which no optimiser changes because their gradients are zeros as well.</summary>
internal sealed class ParameterArena : IDisposable
{
    private const int AlignmentElements = MemoryPlan.Alignment / sizeof(float);
    private readonly Dictionary<Parameter, ParameterSlot> _slots = [];
    private readonly Dictionary<Parameter, Tensor> _gradients = [];

    /// <summary>Moves the parameters into a new block; constants stay where they are. The parameters keep the block alive.</summary>
    /// <param name="graph">The graph.</param>
    public ParameterArena(Graph graph)
    {
        Slots = Arrange(graph, out long length, out long trained);
        foreach (ParameterSlot slot in Slots)
        {
            _slots[slot.Parameter] = slot;
        }

        TrainedLength = checked((int)trained);
        Values = Tensor.Zeros(Math.Max(1, checked((int)length)));
        Gradients = Tensor.Zeros(Math.Max(1, TrainedLength));
        foreach (ParameterSlot slot in Slots)
        {
            slot.Parameter.MoveTo(Values.View(slot.Offset, slot.Parameter.Shape));
            if (slot.Offset < TrainedLength)
            {
                _gradients[slot.Parameter] = Gradients.View(slot.Offset, slot.Parameter.Shape);
            }
        }
    }

    /// <summary>All parameters but constants, in the order of the block.</summary>
    public IReadOnlyList<ParameterSlot> Slots { get; }

    /// <summary>The values; of the length of the block.</summary>
    public Tensor Values { get; }

    /// <summary>The gradients of the first <see cref="TrainedLength"/> elements.</summary>
    public Tensor Gradients { get; }

    /// <summary>Elements of what gradients can train; statistics stand behind them.</summary>
    public int TrainedLength { get; }

    /// <summary>The gradient of a parameter: a view into <see cref="Gradients"/> that the arena owns.</summary>
    public Tensor GradientOf(Parameter parameter) => _gradients[parameter];

    /// <summary>Where a parameter lies.</summary>
    public ParameterSlot SlotOf(Parameter parameter) => _slots[parameter];

    /// <summary>The bytes of the two blocks of an arena, without making it.</summary>
    public static (long Values, long Gradients) BytesFor(Graph graph)
    {
        Arrange(graph, out long length, out long trained);
        return (Math.Max(1, length) * sizeof(float), Math.Max(1, trained) * sizeof(float));
    }

    /// <summary>Sets the gradients of frozen parameters to zero, which nobody writes, and all others too.</summary>
    public void ClearGradients(IKernels kernels) => kernels.Fill(0f, Gradients);

    /// <summary>Frees the block of gradients; the values live on in the parameters.</summary>
    public void Dispose()
    {
        foreach (Tensor gradient in _gradients.Values)
        {
            gradient.Dispose();
        }

        Gradients.Dispose();
        Values.Dispose();
    }

    private static ParameterSlot[] Arrange(Graph graph, out long length, out long trained)
    {
        List<ParameterSlot> slots = [];
        length = trained = 0;
        foreach (Parameter parameter in graph.Parameters.Where(p => p.Role != ParameterRole.Constant).OrderBy(p => p.Role))
        {
            slots.Add(new ParameterSlot(parameter, checked((int)length), parameter.Value.ElementCount));
            length += (parameter.Value.ElementCount + AlignmentElements - 1) / AlignmentElements * AlignmentElements;
            trained = parameter.Role == ParameterRole.Statistic ? trained : length;
        }

        return [.. slots];
    }
}

/// <summary>Where a parameter lies in its arena.</summary>
internal readonly record struct ParameterSlot(Parameter Parameter, int Offset, int Length);
