// The arguments of steps are numbers in ranges, and NaN is in none.

using System.Globalization;

namespace CnnNative;

internal static class Ranges
{
    public static float Check(float value, float low, float high, string name) => value >= low && value <= high
        ? value
        : throw new ArgumentOutOfRangeException(
            name, value, string.Create(CultureInfo.InvariantCulture, $"Expected a number from {low} to {high}."));
}
