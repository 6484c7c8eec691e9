// Where the windows of a pooling lie, whether they slide or adapt to the size of the output: forward and backward kernels walk
// over the same taps, and know nothing of padding, dilation or rounding.

namespace CnnNative.Kernels.Managed;

/// <summary>The taps of one window on one axis that lie inside the input: Start, Start + Step and so on.</summary>
/// <param name="Start">The first position.</param>
/// <param name="Step">From one to the next.</param>
/// <param name="Count">How many.</param>
/// <param name="Divisor">How many an average counts.</param>
internal readonly record struct PoolTaps(int Start, int Step, int Count, int Divisor);

/// <summary>One axis of a pooling.</summary>
internal readonly record struct PoolAxis(WindowAxis Window, bool IsAdaptive, bool CountIncludePad)
{
    /// <summary>An axis that adapts.</summary>
    public static PoolAxis Adaptive(int input, int output) => new(new WindowAxis { Input = input, Output = output }, true, false);

    /// <summary>The window of an output.</summary>
    public PoolTaps At(int output)
    {
        WindowAxis axis = Window;
        if (IsAdaptive)
        {
            int start = (int)((long)output * axis.Input / axis.Output);
            int count = (int)(((output + 1L) * axis.Input + axis.Output - 1) / axis.Output) - start;
            return new PoolTaps(start, 1, count, count);
        }

        int first = TapsBefore(axis, output, position: 0), end = TapsBefore(axis, output, axis.Input);

        // Windows that hang over the padded input because its size was rounded up have taps beyond the padding, and those
        // never count.
        int divisor = CountIncludePad ? TapsBefore(axis, output, axis.Input + axis.PaddingAfter) : end - first;
        return new PoolTaps(axis.Start(output) + first * axis.Dilation, axis.Dilation, end - first, divisor);
    }

    /// <summary>How many taps of a window lie before an input position.</summary>
    private static int TapsBefore(in WindowAxis axis, int output, int position)
    {
        int distance = position - axis.Start(output);
        return distance <= 0 ? 0 : Math.Min(axis.Window, (distance - 1) / axis.Dilation + 1);
    }
}

/// <summary>A pooling over Batch x Vertical.Input x Horizontal.Input x Channels.</summary>
internal readonly record struct PoolShape(int Batch, PoolAxis Vertical, PoolAxis Horizontal, int Channels)
{
    /// <summary>The pixels of an image before pooling.</summary>
    public int Plane => Vertical.Window.Input * Horizontal.Window.Input;

    public int OutputHeight => Vertical.Window.Output;

    public int OutputWidth => Horizontal.Window.Output;

    public static implicit operator PoolShape(in Pool2dGeometry geometry) => new(
        geometry.Batch,
        new PoolAxis(geometry.Vertical, false, geometry.CountIncludePad),
        new PoolAxis(geometry.Horizontal, false, geometry.CountIncludePad),
        geometry.Channels);

    public static implicit operator PoolShape(in AdaptivePool2dGeometry geometry) => new(
        geometry.Batch,
        PoolAxis.Adaptive(geometry.InputHeight, geometry.OutputHeight),
        PoolAxis.Adaptive(geometry.InputWidth, geometry.OutputWidth),
        geometry.Channels);
}
