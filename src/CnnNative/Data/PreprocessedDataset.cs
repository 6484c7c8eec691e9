// Pictures as a model wants them. Whoever augments first works on the pixels, because colours and borders mean something only
// there; the loader knows how to ask for them.

namespace CnnNative;

/// <summary>Samples whose pixels can be had before they are normalised.</summary>
internal interface IPixelSource
{
    /// <summary>What makes inputs of the pixels; null for nothing.</summary>
    Preprocessing? Preprocessing { get; }

    /// <summary>Reads a sample with pixels from 0 to 1.</summary>
    void ReadPixels(int index, in Sample sample);
}

/// <summary>Another data set's pictures, normalised as a model expects them. It does not own that data set. An augmentation is
/// applied to the pixels before.</summary>
/// <param name="source">Pictures with pixels from 0 to 1, of the size and the number of channels that the model takes; in the
/// first input of the samples.</param>
/// <param name="preprocessing">How a value becomes one of the input; its size and fit are not used.</param>
public sealed class PreprocessedDataset(IDataset source, Preprocessing preprocessing) : IDataset, IPixelSource
{
    /// <summary>The pictures.</summary>
    public IDataset Source { get; } = source ?? throw new ArgumentNullException(nameof(source));

    /// <summary>How a value becomes one of the input.</summary>
    public Preprocessing Preprocessing { get; } = preprocessing ?? throw new ArgumentNullException(nameof(preprocessing));

    /// <inheritdoc/>
    public int Count => Source.Count;

    /// <inheritdoc/>
    public DataSchema Schema => Source.Schema;

    /// <inheritdoc/>
    public void Read(int index, in Sample sample)
    {
        Source.Read(index, sample);
        Preprocessing.Normalize(sample.Input);
    }

    /// <inheritdoc/>
    public string NameOf(int index) => Source.NameOf(index);

    /// <inheritdoc/>
    public int LabelOf(int index) => Source.LabelOf(index);

    void IPixelSource.ReadPixels(int index, in Sample sample) => Source.Read(index, sample);
}

/// <summary>Views of data sets.</summary>
public static class DatasetExtensions
{
    /// <summary>The same pictures, normalised as a model expects them.</summary>
    /// <param name="dataset">Pictures with pixels from 0 to 1.</param>
    /// <param name="preprocessing">Such as that of the model; null changes nothing.</param>
    public static IDataset Preprocessed(this IDataset dataset, Preprocessing? preprocessing) =>
        preprocessing is null ? dataset : new PreprocessedDataset(dataset, preprocessing);
}
