// The shape rule that all pooling over windows shares.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>The options of a pooling operator.</summary>
internal readonly record struct Pool2dAttributes(
    Size2d Window, Size2d Stride, Size2d Dilation, Padding Padding, bool CeilMode, bool CountIncludePad)
{
    public static Pool2dAttributes From(AttributeSet set) => new(
        set.Size2d("window"), set.Size2d("stride"), set.Size2d("dilation"), set.Padding("padding"), set.Flag("ceil_mode"),
        set.Flag("count_include_pad"));

    public AttributeSet ToSet(bool isAverage)
    {
        AttributeSet set = new AttributeSet()
            .With("window", Window)
            .With("stride", Stride)
            .With("dilation", Dilation)
            .With("padding", Padding)
            .With("ceil_mode", CeilMode);
        return isAverage ? set.With("count_include_pad", CountIncludePad) : set;
    }
}

/// <summary>The shape rule of pooling.</summary>
internal static class Pool2dRule
{
    public static Pool2dGeometry Resolve(string name, Shape input, in Pool2dAttributes attributes)
    {
        WindowRule rule = WindowRule.For(name, input);
        WindowAxis vertical = rule.Vertical(
            attributes.Window, attributes.Stride, attributes.Dilation, attributes.Padding, attributes.CeilMode);
        WindowAxis horizontal = rule.Horizontal(
            attributes.Window, attributes.Stride, attributes.Dilation, attributes.Padding, attributes.CeilMode);
        RequireWindowSeesInput(name, "height", in vertical);
        RequireWindowSeesInput(name, "width", in horizontal);
        return new Pool2dGeometry(
            input[0], vertical, horizontal, input[^1], attributes.CeilMode, attributes.CountIncludePad);
    }

    public static Shape OutputShape(in Pool2dGeometry geometry) =>
        (geometry.Batch, geometry.Vertical.Output, geometry.Horizontal.Output, geometry.Channels);

    private static void RequireWindowSeesInput(string name, string axis, in WindowAxis window)
    {
        long covered = (window.Window - 1L) * window.Dilation + 1;
        if (window.PaddingBefore >= covered || window.PaddingAfter >= covered)
        {
            throw new ShapeException(
                $"{name}: padding of the {axis} is {window.PaddingBefore} and {window.PaddingAfter}, expected less than the " +
                $"{covered} elements that a window covers.");
        }
    }
}
