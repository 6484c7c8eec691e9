// The numbers that the first and the last colour of a colour map stand for.

namespace CnnNative.Imaging;

internal readonly record struct ValueRange(double Minimum, double Maximum)
{
    /// <summary>The range that covers all maps, made fit for drawing: never empty, and symmetric for a diverging colour map.</summary>
    public static ValueRange Covering(IEnumerable<HeatMap> maps, Colormap colormap)
    {
        ValueRange? covered = null;
        foreach (HeatMap map in maps)
        {
            if (map.FiniteRange() is ValueRange range)
            {
                covered = covered is ValueRange before
                    ? new(Math.Min(before.Minimum, range.Minimum), Math.Max(before.Maximum, range.Maximum))
                    : range;
            }
        }

        (double minimum, double maximum) = covered ?? new ValueRange(0, 1);
        if (colormap.IsDiverging)
        {
            double far = Math.Max(Math.Abs(minimum), Math.Abs(maximum));
            (minimum, maximum) = (-far, far);
        }

        return minimum < maximum ? new ValueRange(minimum, maximum) : AroundConstant(minimum);
    }

    // Wide enough that the ticks of the colour bar are different numbers, with the constant in the middle.
    private static ValueRange AroundConstant(double value)
    {
        double half = Math.Max(Math.Abs(value) / 2, 0.5);
        return new ValueRange(value - half, value + half);
    }
}
