// The shape rule that convolution and pooling share: from the user's options to the numbers of one axis, with every mistake
// caught here, where the operator's name and the tensor's shape are still known.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>Resolves windows for one call of an operator.</summary>
/// <param name="Operator">The operator's name, for messages.</param>
/// <param name="Input">The shape of the input: batch x height x width x channels.</param>
internal readonly record struct WindowRule(string Operator, Shape Input)
{
    private const int HeightDimension = 1;
    private const int WidthDimension = 2;

    /// <summary>Checks that the input is a batch of pictures.</summary>
    public static WindowRule For(string name, Shape input)
    {
        if (input.Rank != 4)
        {
            throw new ShapeException($"{name}: input is {input}, expected four dimensions: batch x height x width x channels.");
        }

        if (input.ElementCount == 0)
        {
            throw new ShapeException($"{name}: input is {input}, which has no elements; expected at least one on each dimension.");
        }

        return new WindowRule(name, input);
    }

    public WindowAxis Vertical(Size2d window, Size2d stride, Size2d dilation, Padding padding, bool ceilMode = false) =>
        Resolve("height", Input[HeightDimension], window.Height, stride.Height, dilation.Height, padding.Kind,
            (padding.Top, padding.Bottom), ceilMode);

    public WindowAxis Horizontal(Size2d window, Size2d stride, Size2d dilation, Padding padding, bool ceilMode = false) =>
        Resolve("width", Input[WidthDimension], window.Width, stride.Width, dilation.Width, padding.Kind,
            (padding.Left, padding.Right), ceilMode);

    private WindowAxis Resolve(
        string axis, int input, int window, int stride, int dilation, PaddingKind kind, (int Before, int After) explicitPadding, bool ceilMode)
    {
        RequirePositive("window", axis, window);
        RequirePositive("stride", axis, stride);
        RequirePositive("dilation", axis, dilation);
        long covered = (window - 1L) * dilation + 1;
        (long before, long after) = kind == PaddingKind.Explicit
            ? explicitPadding
            : SamePadding(input, stride, covered, kind);
        if (before < 0 || after < 0)
        {
            throw new ShapeException($"{Operator}: padding of the {axis} is {before} and {after}, expected none below 0.");
        }

        long padded = input + before + after;
        long room = padded - covered;
        if (room < 0)
        {
            throw new ShapeException(
                $"{Operator}: the window covers {covered} elements of the {axis} ({window} with dilation {dilation}), " +
                $"but the padded input has only {padded} (input {Input}, padding {before} and {after}).");
        }

        long output = room / stride + 1;
        if (ceilMode && room % stride != 0 && output * stride < input + before)
        {
            output++;
        }

        if (before > int.MaxValue || after > int.MaxValue || output > int.MaxValue)
        {
            throw new ShapeException($"{Operator}: the output {axis} would be {output}, expected less than 2^31.");
        }

        return new WindowAxis(input, window, stride, dilation, (int)before, (int)after, (int)output);
    }

    private static (long Before, long After) SamePadding(int input, int stride, long covered, PaddingKind kind)
    {
        long output = (input + stride - 1L) / stride;
        long total = Math.Max(0, (output - 1) * stride + covered - input);
        long smaller = total / 2, larger = total - smaller;
        return kind == PaddingKind.Same ? (smaller, larger) : (larger, smaller);
    }

    public void RequirePositive(string what, string axis, int value)
    {
        if (value < 1)
        {
            throw new ShapeException($"{Operator}: {what} {axis} is {value}, expected at least 1.");
        }
    }
}
