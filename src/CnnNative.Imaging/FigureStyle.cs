// The look of all figures in one table: quiet dark text on white, sizes in pixels.

using SkiaSharp;

namespace CnnNative.Imaging;

internal static class FigureStyle
{
    public const int Margin = 20;
    public const int Gap = 24;
    public const int GridGap = 10;
    public const float TitleSize = 18f;
    public const int TitleHeight = 38;
    public const float MapTitleSize = 14f;
    public const int MapTitleHeight = 26;
    public const int MapTitleLift = 9;
    public const float TickSize = 11f;
    public const int ColorBarWidth = 12;
    public const int ColorBarGap = 8;

    // Maps share about this width: small ones are enlarged to the first, large ones reduced to the second.
    public const int SmallFigure = 1280;
    public const int LargeFigure = 2560;

    public static SKColor Text { get; } = new(0x22, 0x22, 0x22);

    public static ScottPlot.Color PlotText { get; } = ScottPlot.Color.FromHex("#222222");

    public static ScottPlot.Color PlotFrame { get; } = ScottPlot.Color.FromHex("#888888");

    public static ScottPlot.Color PlotGrid { get; } = ScottPlot.Color.FromHex("#e6e6e6");
}
