// --schedule and --warm-up: how the learning rate goes through the training.

using System.Globalization;

namespace CnnNative.Cli;

/// <summary>A schedule, or a rule that watches the loss; one of them.</summary>
internal sealed record ScheduleChoice(LearningRateSchedule Schedule, ReduceOnPlateau? Plateau);

internal static class ScheduleText
{
    /// <summary>What can be asked for, for --help and messages.</summary>
    public const string Form =
        "constant, cosine[:LAST_PART], one-cycle[:RISING_SHARE], step:EPOCHS[:FACTOR], milestones:EPOCH[:EPOCH...], " +
        "exponential:FACTOR, linear, polynomial[:POWER], restarts:EPOCHS[:GROWTH], or plateau[:PATIENCE[:FACTOR]]";

    public static ScheduleChoice Parse(string text, double warmUpEpochs)
    {
        var word = OptionText.Parse("--schedule", text, Form);
        if (word.Word == "plateau")
        {
            ReduceOnPlateau plateau = new() { Patience = word.AtMost(2).Whole(0, 5), Factor = word.Number(1, 0.1) };
            word.Make(() => plateau.Next(new PlateauState(), 1));
            return new ScheduleChoice(WarmedUp(LearningRateSchedule.Constant, warmUpEpochs), plateau);
        }

        return new ScheduleChoice(WarmedUp(word.Make(() => Schedule(word, text)), warmUpEpochs), null);
    }

    private static LearningRateSchedule Schedule(OptionText word, string text) => word.Word switch
    {
        "constant" => word.AtMost(0) is null ? throw word.Wrong() : LearningRateSchedule.Constant,
        "cosine" => LearningRateSchedule.Cosine(word.AtMost(1).Number(0, 0)),
        "one-cycle" => LearningRateSchedule.OneCycle(
            new OneCycleOptions { RisingShare = word.AtMost(1).Number(0, 0.3), CyclesMomentum = false }),
        "step" when text.Contains(':') => LearningRateSchedule.Step(word.AtMost(2).Whole(0, 0), word.Number(1, 0.1)),
        "milestones" when text.Contains(':') => LearningRateSchedule.MultiStep(
            [.. text.Split(':').Skip(1).Select((_, i) => word.Whole(i, 0))]),
        "exponential" when text.Contains(':') => LearningRateSchedule.Exponential(word.AtMost(1).Number(0, 1)),
        "linear" => word.AtMost(0) is null ? throw word.Wrong() : LearningRateSchedule.Linear(),
        "polynomial" => LearningRateSchedule.Polynomial(word.AtMost(1).Number(0, 1)),
        "restarts" when text.Contains(':') => LearningRateSchedule.CosineRestarts(word.AtMost(2).Whole(0, 0), word.Whole(1, 1)),
        _ => throw word.Wrong(),
    };

    private static LearningRateSchedule WarmedUp(LearningRateSchedule schedule, double epochs)
    {
        if (!(epochs >= 0) || !double.IsFinite(epochs))
        {
            throw new UserException(
                $"--warm-up is {epochs.ToString(CultureInfo.InvariantCulture)}, expected a number of epochs from 0 on, which " +
                "need not be whole.");
        }

        return epochs == 0 ? schedule : schedule.WithWarmUpEpochs(epochs);
    }
}
