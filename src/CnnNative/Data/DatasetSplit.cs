// Dividing a data set for training and validation. Which sample goes where depends on the seed alone, so that a run that goes on
// tomorrow validates on what it validated on today.

namespace CnnNative;

/// <summary>The two parts of a data set.</summary>
/// <param name="Train">What to train on.</param>
/// <param name="Validation">What to look at while training.</param>
public readonly record struct DatasetSplit(Subset Train, Subset Validation);

/// <summary>Parts of data sets.</summary>
public static class DatasetParts
{
    /// <summary>Divides a data set at random; both parts keep the order of their samples.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="fraction">The part for validation, above 0 and below 1.</param>
    /// <param name="seed">Decides which samples.</param>
    /// <param name="stratified">Whether each class is divided by itself, so that its share is the same in both parts. It needs
    /// class labels.</param>
    /// <exception cref="ArgumentException">A part would be empty, or there are no labels to stratify by.</exception>
    public static DatasetSplit Split(this IDataset dataset, double fraction, ulong seed = 0, bool stratified = false)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (!(fraction > 0 && fraction < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "Expected a number above 0 and below 1.");
        }

        if (stratified && dataset.Schema.ClassNames is null)
        {
            throw new ArgumentException(
                $"Split: the samples ({dataset.Schema}) have no class labels to stratify by.", nameof(stratified));
        }

        var random = SampleRandom.ForSplit(seed);
        var forValidation = new bool[dataset.Count];
        if (stratified)
        {
            foreach (int[] members in ClassMembers.Of(dataset))
            {
                Choose(members, fraction, ref random, forValidation);
            }
        }
        else
        {
            Choose([.. Enumerable.Range(0, dataset.Count)], fraction, ref random, forValidation);
        }

        int[] all = [.. Enumerable.Range(0, dataset.Count)];
        int[] train = Array.FindAll(all, i => !forValidation[i]), validation = Array.FindAll(all, i => forValidation[i]);
        return train.Length > 0 && validation.Length > 0
            ? new DatasetSplit(new Subset(dataset, train), new Subset(dataset, validation))
            : throw new ArgumentException(
                $"Split: {fraction} of {dataset.Count} samples gives {train.Length} for training and {validation.Length} for"
                + " validation; expected at least one each.", nameof(fraction));
    }

    /// <summary>Some samples that follow one another.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="start">The first sample.</param>
    /// <param name="count">How many samples.</param>
    /// <exception cref="ArgumentException">There are none, or not that many.</exception>
    public static Subset Slice(this IDataset dataset, int start, int count)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (start < 0 || count < 1 || start > dataset.Count - count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(start), $"Slice: {count} samples from {start} on were asked for, the data set has {dataset.Count}.");
        }

        return new Subset(dataset, [.. Enumerable.Range(start, count)]);
    }

    private static void Choose(int[] members, double fraction, ref SampleRandom random, bool[] chosen)
    {
        random.Shuffle(members);
        int count = (int)Math.Round(members.Length * fraction, MidpointRounding.AwayFromZero);
        foreach (int index in members.AsSpan(0, count))
        {
            chosen[index] = true;
        }
    }
}
