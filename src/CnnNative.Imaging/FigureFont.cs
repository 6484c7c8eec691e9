// Figures bring their own font. Servers and containers often have none, and then text would silently be missing; and with one
// font a figure looks the same everywhere. It is registered with the plotting library under a name of its own.

using System.Reflection;
using ScottPlot;
using SkiaSharp;

namespace CnnNative.Imaging;

internal static class FigureFont
{
    private const string ResourceName = "DejaVuSans.ttf";

    private static readonly byte[] _bytes = ReadResource();

    // Reading and registering once is what a static constructor is for; the runtime makes it safe between threads.
    static FigureFont() => Fonts.FontResolvers.Insert(0, new Resolver());

    /// <summary>The name under which the plotting library knows the font.</summary>
    public static string Name => "CnnNative DejaVu Sans";

    /// <summary>The font itself, for text outside the plotting library. Never disposed: it lives as long as the process.</summary>
    public static SKTypeface Typeface { get; } = CreateTypeface();

    private static SKTypeface CreateTypeface()
    {
        using SKData data = SKData.CreateCopy(_bytes);
        return SKTypeface.FromData(data) ?? throw new InvalidOperationException($"The font {ResourceName} cannot be read.");
    }

    private static byte[] ReadResource()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException($"The font {ResourceName} is missing from the assembly.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private sealed class Resolver : IFontResolver
    {
        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            fontName == Name ? FigureFont.CreateTypeface() : null;

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
            fontName == Name ? FigureFont.CreateTypeface() : null;
    }
}
