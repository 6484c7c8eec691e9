// How much of the input an element can see: windows add up, each measured in the steps of those before it.
// Source: Araujo, Norris and Sim 2019, "Computing receptive fields of convolutional neural networks".

using CnnNative.Graphs;
using CnnNative.Operators;

namespace CnnNative.Models;

/// <summary>Along one axis: pixels that are seen, and pixels of the input from one element to the next.</summary>
internal readonly record struct FieldAxis(double Size, double Step)
{
    /// <summary>A pixel of the input.</summary>
    public static FieldAxis Pixel => new(1, 1);

    /// <summary>Seen through a window, which then moves by a stride.</summary>
    public FieldAxis Through(double covered, double stride) => new(Size + (covered - 1) * Step, Step * stride);

    /// <summary>Seen by both.</summary>
    public static FieldAxis Union(FieldAxis left, FieldAxis right) =>
        new(Math.Max(left.Size, right.Size), Math.Max(left.Step, right.Step));
}

/// <summary>What an element of a picture sees; all of it where <paramref name="IsAll"/> says so.</summary>
internal readonly record struct Field(FieldAxis Vertical, FieldAxis Horizontal, bool IsAll)
{
    public static Field All => new(default, default, IsAll: true);

    public Size2d? Size => IsAll ? null : ((int)Math.Ceiling(Vertical.Size), (int)Math.Ceiling(Horizontal.Size));
}

/// <summary>Computes the fields of all values of a graph.</summary>
internal sealed class ReceptiveFields(GraphShapes shapes)
{
    private readonly Dictionary<GraphValue, Field> _fields = [];

    /// <summary>The field of a node's outputs, after those of all nodes before it.</summary>
    public Field Add(GraphNode node)
    {
        Field? seen = null;
        foreach (GraphValue? input in node.Inputs)
        {
            if (input is not null && input.Parameter is null)
            {
                Field field = Of(input);
                seen = seen is { } other ? Union(other, field) : field;
            }
        }

        Field result = seen is { IsAll: false } part ? Through(node, part) : Field.All;
        foreach (GraphValue output in node.Outputs)
        {
            _fields[output] = result;
        }

        return result;
    }

    private static Field Union(Field left, Field right) => left.IsAll || right.IsAll
        ? Field.All
        : new Field(
            FieldAxis.Union(left.Vertical, right.Vertical), FieldAxis.Union(left.Horizontal, right.Horizontal), IsAll: false);

    private static (double Vertical, double Horizontal) Covered(Size2d window, Size2d dilation) =>
        ((window.Height - 1.0) * dilation.Height + 1, (window.Width - 1.0) * dilation.Width + 1);

    /// <summary>The largest of the windows that share a size evenly.</summary>
    private static double Adaptive(int input, int output)
    {
        long largest = 0;
        for (long i = 0; i < output; i++)
        {
            largest = Math.Max(largest, ((i + 1) * input + output - 1) / output - i * input / output);
        }

        return largest;
    }

    private Field Of(GraphValue value)
    {
        if (_fields.TryGetValue(value, out Field field))
        {
            return field;
        }

        return shapes[value].Shape.Rank == 4 ? new Field(FieldAxis.Pixel, FieldAxis.Pixel, IsAll: false) : Field.All;
    }

    private Field Through(GraphNode node, Field seen)
    {
        if (shapes[node.Output].Shape is not { Rank: 4 } output)
        {
            return Field.All;
        }

        Shape input = shapes[node.Inputs[0]!].Shape;
        AttributeSet attributes = node.Operator.Attributes;
        switch (node.Operator)
        {
            case Conv2dOperator:
                Shape weights = shapes[node.Inputs[1]!].Shape;
                return Window(
                    seen, Covered((weights[1], weights[2]), attributes.Size2d("dilation")), attributes.Size2d("stride"));
            case ConvTranspose2dOperator:
                Shape back = shapes[node.Inputs[1]!].Shape;
                return Transposed(seen, Covered((back[1], back[2]), attributes.Size2d("dilation")), attributes.Size2d("stride"));
            case MaxPool2dOperator or AveragePool2dOperator:
                return Window(
                    seen, Covered(attributes.Size2d("window"), attributes.Size2d("dilation")), attributes.Size2d("stride"));
            case GlobalAveragePoolOperator:
                return Field.All;
            case AdaptiveAveragePool2dOperator or AdaptiveMaxPool2dOperator:
                return output[1] == 1 && output[2] == 1 ? Field.All : new Field(
                    seen.Vertical.Through(Adaptive(input[1], output[1]), (double)input[1] / output[1]),
                    seen.Horizontal.Through(Adaptive(input[2], output[2]), (double)input[2] / output[2]), IsAll: false);
            case ResizeOperator resize:
                int taps = resize.Options.Filter.Mode switch { ResizeMode.Nearest => 1, ResizeMode.Linear => 2, _ => 4 };
                return new Field(
                    seen.Vertical.Through(taps, (double)input[1] / output[1]),
                    seen.Horizontal.Through(taps, (double)input[2] / output[2]), IsAll: false);
            default:
                return seen;
        }
    }

    private static Field Window(Field seen, (double Vertical, double Horizontal) covered, Size2d stride) => new(
        seen.Vertical.Through(covered.Vertical, stride.Height), seen.Horizontal.Through(covered.Horizontal, stride.Width),
        IsAll: false);

    /// <summary>An output pixel meets every stride-th tap, and lies a stride-th part of a step from the next.</summary>
    private static Field Transposed(Field seen, (double Vertical, double Horizontal) covered, Size2d stride) => new(
        seen.Vertical.Through(Math.Ceiling(covered.Vertical / stride.Height), 1.0 / stride.Height),
        seen.Horizontal.Through(Math.Ceiling(covered.Horizontal / stride.Width), 1.0 / stride.Width), IsAll: false);
}
