// Where branches meet.

using CnnNative.Operators;

namespace CnnNative;

public sealed partial class GraphBuilder
{
    /// <summary>Adds the sum of two values of one shape, as at the end of a residual block.</summary>
    /// <param name="left">A value.</param>
    /// <param name="right">A value of the same shape.</param>
    /// <param name="activation">Applied afterwards, as a node of its own; none by default.</param>
    /// <param name="name">The name in the current scope; null for the next of add1, add2 ...</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public GraphValue Add(GraphValue left, GraphValue right, Activation activation = default, string? name = null) =>
        Activate(Node("add", name, new AddOperator(), left, right), activation);

    /// <summary>Lays values side by side along their channels.</summary>
    /// <param name="values">At least one value; all dimensions but the last are the same.</param>
    /// <returns>A value with the channels of all.</returns>
    /// <exception cref="ShapeException">Other dimensions differ.</exception>
    public GraphValue Concat(params ReadOnlySpan<GraphValue> values)
    {
        if (values.IsEmpty)
        {
            throw new ArgumentException("Concat: there is no value, expected at least one.", nameof(values));
        }

        return Node("concat", null, new ConcatOperator(), [.. values]);
    }
}
