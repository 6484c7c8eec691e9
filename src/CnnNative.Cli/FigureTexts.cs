// Numbers as people read them, the same in every command.

using System.Globalization;

namespace CnnNative.Cli;

internal static class FigureTexts
{
    /// <summary>12,345.</summary>
    public static string Count(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>98.76 %, of a part from 0 to 1.</summary>
    public static string Percent(double part) =>
        double.IsNaN(part) ? "-" : (100 * part).ToString("0.00", CultureInfo.InvariantCulture) + " %";

    /// <summary>A loss: four digits that count.</summary>
    public static string Loss(double value) => Math.Abs(value) is >= 1e-3 and < 1000
        ? value.ToString(Math.Abs(value) < 10 ? "0.0000" : "0.00", CultureInfo.InvariantCulture)
        : value.ToString("0.000e0", CultureInfo.InvariantCulture);

    /// <summary>A learning rate in few letters.</summary>
    public static string Rate(double value) =>
        value.ToString(value is > 0 and < 1e-4 or >= 1e4 ? "0.##e0" : "0.#####", CultureInfo.InvariantCulture);

    /// <summary>1:05 or 2:01:05.</summary>
    public static string Clock(TimeSpan time) => time.TotalHours >= 1
        ? time.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture)
        : time.ToString(@"m\:ss", CultureInfo.InvariantCulture);

    /// <summary>0.8 s, 12 s, or a clock above a minute and a half.</summary>
    public static string Duration(double seconds) => seconds switch
    {
        < 10 => seconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        < 90 => seconds.ToString("0", CultureInfo.InvariantCulture) + " s",
        _ => Clock(TimeSpan.FromSeconds(seconds)),
    };

    /// <summary>The name of a metric with its value; parts of a whole as percentages.</summary>
    public static string Metric(string name, double value) =>
        name == "loss" ? Loss(value) : name.Contains("accuracy", StringComparison.Ordinal) ? Percent(value) : Loss(value);
}
