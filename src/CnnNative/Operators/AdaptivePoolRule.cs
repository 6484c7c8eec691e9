// The shape rule that pooling to a given size shares; pooling over the whole picture is pooling to a size of 1.

using CnnNative.Kernels;

namespace CnnNative.Operators;

internal static class AdaptivePoolRule
{
    /// <summary>The shape rule, resolved to numbers.</summary>
    /// <exception cref="ShapeException">The input is no batch of pictures, or a size is not positive.</exception>
    public static AdaptivePool2dGeometry Resolve(string name, Shape input, Size2d size)
    {
        WindowRule rule = WindowRule.For(name, input);
        rule.RequirePositive("output", "height", size.Height);
        rule.RequirePositive("output", "width", size.Width);
        return new AdaptivePool2dGeometry(input[0], input[1], input[2], input[3], size.Height, size.Width);
    }

    public static Shape OutputShape(in AdaptivePool2dGeometry geometry) =>
        (geometry.Batch, geometry.OutputHeight, geometry.OutputWidth, geometry.Channels);

    /// <summary>Each element of the input is seen by one window, or by a few.</summary>
    public static long Operations(Shape input, Shape output) => Math.Max(input.ElementCount, output.ElementCount);
}
