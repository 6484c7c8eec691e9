// The curves of a training: what everybody looks at first to see whether it learned, and whether it learned too much.

namespace CnnNative.Imaging;

/// <summary>Draws the history of a training.</summary>
public static class TrainingCurves
{
    // A rate that falls this far shows nothing of its end on an axis that is not logarithmic.
    private const double WideRange = 30;

    // A rate that falls further ends at nearly nothing, and a logarithmic axis would show little else.
    private const double WidestRange = 1e4;

    private const int MostInRow = 3;

    /// <summary>A panel for each loss and metric, with training and validation in one, and one for the learning rate.</summary>
    /// <param name="history">The history, with at least one epoch. Values that are not finite are left out.</param>
    /// <param name="title">Stands above all panels; null for none.</param>
    /// <exception cref="ArgumentException">There is no epoch.</exception>
    public static PanelFigure Draw(TrainingHistory history, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(history);
        if (history.Count == 0)
        {
            throw new ArgumentException("The history has no epoch, expected at least one.", nameof(history));
        }

        List<LineFigure> panels = [];
        foreach (string name in history.TrainingNames.Union(history.ValidationNames))
        {
            Series[] lines = [.. Lines(history, name)];
            panels.Add(Figure.Lines(lines).WithAxes("epoch", name).WithWholeX());
        }

        panels.Add(LearningRate(history));
        PanelFigure figure = Figure.Panels(panels, panels.Count <= MostInRow ? panels.Count : null);
        return title is null ? figure : figure.WithTitle(title);
    }

    private static IEnumerable<Series> Lines(TrainingHistory history, string name)
    {
        if (history.TrainingNames.Contains(name))
        {
            yield return Line(history, "training", epoch => epoch.Training.GetValueOrDefault(name, double.NaN));
        }

        if (history.ValidationNames.Contains(name))
        {
            yield return Line(history, "validation", epoch => epoch.Validation.GetValueOrDefault(name, double.NaN));
        }
    }

    private static LineFigure LearningRate(TrainingHistory history)
    {
        Series line = Line(history, "", epoch => epoch.LearningRate);
        LineFigure figure = Figure.Lines(line).WithAxes("epoch", "learning rate").WithWholeX();
        double lowest = history.Min(epoch => epoch.LearningRate), highest = history.Max(epoch => epoch.LearningRate);
        return lowest > 0 && highest / lowest is > WideRange and < WidestRange ? figure.WithLogarithmicY() : figure;
    }

    private static Series Line(TrainingHistory history, string name, Func<EpochRecord, double> value) =>
        new(name, history.Select(value), history.Select(epoch => (double)epoch.Epoch));
}
