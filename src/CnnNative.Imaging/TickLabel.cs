// The numbers beside an axis. The plotting library rounds them without regard to how close they are: three ticks from 1000.1 to
// 1000.2 would all read "1,000". Here the range decides how many digits are needed to tell them apart.

using System.Globalization;

namespace CnnNative.Imaging;

internal static class TickLabel
{
    /// <summary>How to write the ticks of a range: short, but different for different ticks.</summary>
    public static Func<double, string> For(double minimum, double maximum)
    {
        // Ticks are 1, 2, 2.5 or 5 times a power of ten apart, and no closer than a hundredth of the range.
        const int DigitsBelowRange = 2, MostDigits = 15, LargestPlain = 6, SmallestPlain = -4;
        double largest = Math.Max(Math.Abs(minimum), Math.Abs(maximum));
        int rangePower = Power(maximum - minimum), power = Power(largest);
        if (power is < LargestPlain and >= SmallestPlain)
        {
            string plain = Pattern(DigitsBelowRange - rangePower);
            return value => value.ToString(plain, CultureInfo.InvariantCulture);
        }

        string scientific = $"{Pattern(power - rangePower + DigitsBelowRange)}e0";
        return value => Math.Abs(value) < 1e-9 * largest ? "0" : value.ToString(scientific, CultureInfo.InvariantCulture);

        static string Pattern(int digits) => $"0.{new string('#', Math.Clamp(digits, 0, MostDigits))}";
    }

    private static int Power(double value) =>
        value > 0 && double.IsFinite(value) ? (int)Math.Floor(Math.Log10(value)) : 0;
}
