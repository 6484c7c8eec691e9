// Coolwarm is computed rather than stored: its paper gives the whole rule. Colours are interpolated in polar CIELAB
// coordinates (magnitude, saturation, hue) from blue to a neutral gray and on to red, so that lightness rises and falls evenly.
// K. Moreland, "Diverging Color Maps for Scientific Visualization", ISVC 2009.

namespace CnnNative.Imaging;

internal static class CoolwarmColors
{
    // The end colours of the paper, section 5.
    private static readonly Color _cool = new(59, 76, 192);
    private static readonly Color _warm = new(180, 4, 38);

    // An odd number, so that the neutral colour is an entry.
    private const int Count = 257;

    // CIELAB's reference white, D65, for XYZ in the range 0 to 100.
    private const double WhiteX = 95.047, WhiteY = 100.0, WhiteZ = 108.883;

    /// <summary>The colours in order, evenly spaced.</summary>
    public static Color[] Compute()
    {
        Polar cool = ToPolar(_cool), warm = ToPolar(_warm);
        var neutral = new Polar(Math.Max(88.0, Math.Max(cool.Magnitude, warm.Magnitude)), 0, 0);
        Polar neutralOfCool = neutral with { Hue = NeutralHue(cool, neutral.Magnitude) };
        Polar neutralOfWarm = neutral with { Hue = NeutralHue(warm, neutral.Magnitude) };
        var colors = new Color[Count];
        for (int i = 0; i < Count; i++)
        {
            double t = 2.0 * i / (Count - 1);
            colors[i] = ToColor(t < 1.0 ? Mix(cool, neutralOfCool, t) : Mix(neutralOfWarm, warm, t - 1.0));
        }

        return colors;
    }

    // The neutral colour has no hue of its own; the paper spins the hue towards it so that the steps look even (its section 4).
    private static double NeutralHue(Polar color, double neutralMagnitude)
    {
        if (color.Magnitude >= neutralMagnitude)
        {
            return color.Hue;
        }

        double distance = Math.Sqrt(neutralMagnitude * neutralMagnitude - color.Magnitude * color.Magnitude);
        double spin = color.Saturation * distance / (color.Magnitude * Math.Sin(color.Saturation));
        return color.Hue > -Math.PI / 3 ? color.Hue + spin : color.Hue - spin;
    }

    private static Polar Mix(Polar from, Polar to, double t) => new(
        double.Lerp(from.Magnitude, to.Magnitude, t),
        double.Lerp(from.Saturation, to.Saturation, t),
        double.Lerp(from.Hue, to.Hue, t));

    private static Polar ToPolar(Color color)
    {
        double r = ToLinear(color.R), g = ToLinear(color.G), b = ToLinear(color.B);
        double x = Compress((0.4124 * r + 0.3576 * g + 0.1805 * b) / WhiteX);
        double y = Compress((0.2126 * r + 0.7152 * g + 0.0722 * b) / WhiteY);
        double z = Compress((0.0193 * r + 0.1192 * g + 0.9505 * b) / WhiteZ);
        double lightness = 116.0 * y - 16.0, redGreen = 500.0 * (x - y), yellowBlue = 200.0 * (y - z);
        double magnitude = Math.Sqrt(lightness * lightness + redGreen * redGreen + yellowBlue * yellowBlue);
        return new Polar(magnitude, Math.Acos(lightness / magnitude), Math.Atan2(yellowBlue, redGreen));
    }

    private static Color ToColor(Polar color)
    {
        double lightness = color.Magnitude * Math.Cos(color.Saturation);
        double redGreen = color.Magnitude * Math.Sin(color.Saturation) * Math.Cos(color.Hue);
        double yellowBlue = color.Magnitude * Math.Sin(color.Saturation) * Math.Sin(color.Hue);
        double middle = (lightness + 16.0) / 116.0;
        double x = WhiteX * Expand(middle + redGreen / 500.0);
        double y = WhiteY * Expand(middle);
        double z = WhiteZ * Expand(middle - yellowBlue / 200.0);
        return new Color(
            FromLinear(3.2406 * x - 1.5372 * y - 0.4986 * z),
            FromLinear(-0.9689 * x + 1.8758 * y + 0.0415 * z),
            FromLinear(0.0557 * x - 0.2040 * y + 1.0570 * z));
    }

    // The transfer function of sRGB (IEC 61966-2-1) between 0..255 and linear light 0..100.
    private static double ToLinear(byte value)
    {
        double v = value / 255.0;
        return 100.0 * (v > 0.04045 ? Math.Pow((v + 0.055) / 1.055, 2.4) : v / 12.92);
    }

    private static byte FromLinear(double light)
    {
        double v = light / 100.0;
        double encoded = v > 0.0031308 ? 1.055 * Math.Pow(v, 1 / 2.4) - 0.055 : 12.92 * v;
        return (byte)Math.Round(255.0 * Math.Clamp(encoded, 0.0, 1.0));
    }

    // CIELAB's cube root with a straight line near black (ISO/CIE 11664-4), and its inverse.
    private static double Compress(double t) => t > 0.008856 ? Math.Cbrt(t) : 7.787 * t + 16.0 / 116.0;

    private static double Expand(double t) => t * t * t > 0.008856 ? t * t * t : (t - 16.0 / 116.0) / 7.787;

    private readonly record struct Polar(double Magnitude, double Saturation, double Hue);
}
