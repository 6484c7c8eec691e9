// Some samples of a data set, and several data sets in a row: views that read nothing before they are asked.

namespace CnnNative;

/// <summary>Some samples of another data set, in an order of one's own. It does not own that data set.</summary>
public sealed class Subset : IDataset, IPixelSource
{
    private readonly int[] _indices;

    /// <summary>Makes the view.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="indices">Its samples; one may stand there several times.</param>
    /// <exception cref="ArgumentException">There is none, or one that the data set does not have.</exception>
    public Subset(IDataset dataset, ReadOnlySpan<int> indices)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (indices.IsEmpty)
        {
            throw new ArgumentException("Subset: there are no samples, expected at least one.", nameof(indices));
        }

        foreach (int index in indices)
        {
            if ((uint)index >= (uint)dataset.Count)
            {
                throw new ArgumentException(
                    $"Subset: there is no sample {index}, expected 0 to {dataset.Count - 1}.", nameof(indices));
            }
        }

        Source = dataset;
        _indices = indices.ToArray();
    }

    /// <summary>The data set of which this is a part.</summary>
    public IDataset Source { get; }

    /// <summary>The samples' indices in <see cref="Source"/>.</summary>
    public ReadOnlySpan<int> Indices => _indices;

    /// <inheritdoc/>
    public int Count => _indices.Length;

    /// <inheritdoc/>
    public DataSchema Schema => Source.Schema;

    /// <inheritdoc/>
    public void Read(int index, in Sample sample) => Source.Read(Checked(index), sample);

    /// <inheritdoc/>
    public string NameOf(int index) => Source.NameOf(Checked(index));

    /// <inheritdoc/>
    public int LabelOf(int index) => Source.LabelOf(Checked(index));

    Preprocessing? IPixelSource.Preprocessing => (Source as IPixelSource)?.Preprocessing;

    void IPixelSource.ReadPixels(int index, in Sample sample)
    {
        if (Source is IPixelSource pixels)
        {
            pixels.ReadPixels(Checked(index), sample);
            return;
        }

        Read(index, sample);
    }

    private int Checked(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _indices.Length);
        return _indices[index];
    }
}

/// <summary>Several data sets of the same kind, one after the other. It does not own them.</summary>
public sealed class ConcatDataset : IDataset
{
    private readonly IDataset[] _parts;
    private readonly int[] _ends;

    /// <summary>Makes the view.</summary>
    /// <param name="parts">The data sets; at least one.</param>
    /// <exception cref="ArgumentException">There is none, or their fields or classes differ.</exception>
    public ConcatDataset(params ReadOnlySpan<IDataset> parts)
    {
        if (parts.IsEmpty)
        {
            throw new ArgumentException("ConcatDataset: there are no data sets, expected at least one.", nameof(parts));
        }

        _parts = parts.ToArray();
        _ends = new int[parts.Length];
        int count = 0;
        for (int i = 0; i < _parts.Length; i++)
        {
            if (!_parts[i].Schema.Matches(_parts[0].Schema))
            {
                throw new ArgumentException(
                    $"ConcatDataset: data set {i} has samples of {_parts[i].Schema}, the first one of {_parts[0].Schema};"
                    + " expected the same shapes and class names.", nameof(parts));
            }

            count = checked(count + _parts[i].Count);
            _ends[i] = count;
        }
    }

    /// <inheritdoc/>
    public int Count => _ends[^1];

    /// <inheritdoc/>
    public DataSchema Schema => _parts[0].Schema;

    /// <inheritdoc/>
    public void Read(int index, in Sample sample)
    {
        (IDataset part, int place) = Find(index);
        part.Read(place, sample);
    }

    /// <inheritdoc/>
    public string NameOf(int index)
    {
        (IDataset part, int place) = Find(index);
        return part.NameOf(place);
    }

    /// <inheritdoc/>
    public int LabelOf(int index)
    {
        (IDataset part, int place) = Find(index);
        return part.LabelOf(place);
    }

    private (IDataset Part, int Place) Find(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        int found = Array.BinarySearch(_ends, index);

        // Equal to an end means the first sample of the next part that is not empty.
        int part = found >= 0 ? found + 1 : ~found;
        while (_ends[part] <= index)
        {
            part++;
        }

        return (_parts[part], index - (part == 0 ? 0 : _ends[part - 1]));
    }
}
