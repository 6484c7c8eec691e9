// A fully connected layer works on rows, so that between it and the bias, the activation or the sum that belong to it there are
// often views in another shape. An element-wise operator does the same before such a view as behind it; before it, it can be
// fused.

using CnnNative.Operators;

namespace CnnNative.Graphs.Passes;

internal sealed class MoveReshapes
{
    private readonly PassContext _context;

    /// <summary>The innermost dimension before each view that was moved.</summary>
    private readonly Dictionary<GraphValue, int> _channels = [];

    private MoveReshapes(PassContext context) => _context = context;

    /// <summary>Moves views behind the element-wise operators that follow them.</summary>
    public static Graph Apply(PassContext context) =>
        GraphRewriter.Apply(context.Graph, new MoveReshapes(context).Move, context.Changed);

    private GraphValue[]? Move(GraphNode node, GraphRewriter rewriter)
    {
        int data = node.Operator is BinaryOperator && node.Inputs[0]!.Parameter is not null ? 1 : 0;
        if (node.Operator is not (ActivationOperator or UnaryOperator or BinaryOperator) ||
            rewriter.OnlyProducer(node.Inputs[data]) is null || Channels(node.Inputs[data]!, rewriter) is not { } channels)
        {
            return null;
        }

        GraphNode view = rewriter.Map(node.Inputs[data]!).Producer!;
        GraphValue?[] inputs = [.. node.Inputs];
        inputs[data] = view.Inputs[0];
        if (inputs.Length == 2)
        {
            inputs[1 - data] = Constant(node, data, channels);
            if (inputs[1 - data] is null)
            {
                return null;
            }
        }

        GraphNode moved = new(node.Name, node.Operator, inputs);
        GraphNode after = new(view.Name, view.Operator, moved.Output);
        _channels[after.Output] = channels;
        return [.. after.Outputs];
    }

    /// <summary>The innermost dimension of what is behind a view, if the value is one; 0 where it is not known.</summary>
    private int? Channels(GraphValue value, GraphRewriter rewriter)
    {
        if (_channels.TryGetValue(rewriter.Map(value), out int channels))
        {
            return channels;
        }

        return value.Producer is not { Operator: ReshapeOperator } view ? null
            : _context.ShapeOf(view.Inputs[0]!) is { Rank: > 0 } shape ? shape[^1]
            : 0;
    }

    /// <summary>The other operand, if it is a number, or has an element for each channel, of which there are as many on both
    /// sides of the view.</summary>
    private GraphValue? Constant(GraphNode node, int data, int channels)
    {
        GraphValue other = node.Inputs[1 - data]!;
        if (other.Parameter is null || _context.ShapeOf(node.Inputs[data]!) is not { Rank: > 0 } shape ||
            _context.ShapeOf(node.Output) != shape)
        {
            return null;
        }

        bool fits = ValuePattern.IsNumber(other, out _) ||
            (shape[^1] == channels && ValuePattern.IsPerChannel(other, channels, out _));
        return fits ? Flat(other.Parameter, node) : null;
    }

    /// <summary>The constant with a single dimension, which fits any rank.</summary>
    private static GraphValue Flat(Parameter constant, GraphNode node) => new(constant.Shape.Rank == 1
        ? constant
        : new Parameter(
            $"{constant.Name} of {node.Name}", constant.Value.Reshape(checked((int)constant.Shape.ElementCount)), constant.Role));
}
