// Where branches meet.

using CnnNative.Kernels;
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

    /// <summary>Adds a product, element by element. Sizes of 1 are repeated, so that a gate of 1 x 1 x channels scales channels
    /// and a mask of height x width x 1 pixels.</summary>
    /// <param name="left">A value.</param>
    /// <param name="right">A value whose sizes from the innermost dimension on are equal or 1, or the other way round.</param>
    /// <param name="name">The name in the current scope; null for the next of multiply1, multiply2 ...</param>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public GraphValue Multiply(GraphValue left, GraphValue right, string? name = null) =>
        Node("multiply", name, new BinaryOperator(BinaryOperation.Multiply), left, right);

    /// <summary>Adds a difference, element by element, where sizes of 1 are repeated; see <see cref="Multiply"/>.</summary>
    /// <param name="left">A value.</param>
    /// <param name="right">What is taken away from it.</param>
    /// <param name="name">The name in the current scope; null for the next of subtract1, subtract2 ...</param>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public GraphValue Subtract(GraphValue left, GraphValue right, string? name = null) =>
        Node("subtract", name, new BinaryOperator(BinaryOperation.Subtract), left, right);

    /// <summary>Adds a sum, element by element, where sizes of 1 are repeated, so that a learned offset can be added to each
    /// sample; see <see cref="Multiply"/>. <see cref="Add"/> is faster and refuses different shapes.</summary>
    /// <param name="left">A value.</param>
    /// <param name="right">What is added to it.</param>
    /// <param name="name">The name in the current scope; null for the next of offset1, offset2 ...</param>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public GraphValue Offset(GraphValue left, GraphValue right, string? name = null) =>
        Node("offset", name, new BinaryOperator(BinaryOperation.Add), left, right);

    /// <summary>Adds a matrix product of two values, of which the two innermost dimensions are matrices.</summary>
    /// <param name="left">A value; the dimensions before the innermost two are the same on both sides.</param>
    /// <param name="right">A value.</param>
    /// <param name="transposeLeft">Whether the left matrices are transposed.</param>
    /// <param name="transposeRight">Whether the right matrices are transposed.</param>
    /// <param name="name">The name in the current scope; null for the next of matmul1, matmul2 ...</param>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public GraphValue MatMul(
        GraphValue left, GraphValue right, bool transposeLeft = false, bool transposeRight = false, string? name = null) =>
        Node("matmul", name, new MatMulOperator(transposeLeft, transposeRight), left, right);
}
