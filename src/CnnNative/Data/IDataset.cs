// The one thing that training asks of data: fill these spans with sample number so-and-so. Everything else - batches, order,
// threads, augmentation - is the loader's, so that a data set of one's own is a dozen lines.

namespace CnnNative;

/// <summary>Samples that can be read in any order. Implementations are safe to read from several threads at once.</summary>
public interface IDataset
{
    /// <summary>The number of samples.</summary>
    int Count { get; }

    /// <summary>What each sample consists of.</summary>
    DataSchema Schema { get; }

    /// <summary>Writes all fields of a sample, each element of them: the memory may hold another sample's values.</summary>
    /// <param name="index">Which sample, from 0 to <see cref="Count"/> - 1.</param>
    /// <param name="sample">Where to.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    void Read(int index, in Sample sample);

    /// <summary>What error messages call a sample; a file's name where there is one.</summary>
    /// <param name="index">Which sample.</param>
    string NameOf(int index) => $"sample {index}";

    /// <summary>The number of a sample's class. Data sets that know it without reading the sample override this.</summary>
    /// <param name="index">Which sample.</param>
    /// <exception cref="InvalidOperationException">The samples have no class labels.</exception>
    int LabelOf(int index)
    {
        if (Schema.ClassNames is null)
        {
            throw new InvalidOperationException($"The samples ({Schema}) have no class labels.");
        }

        SampleBuffer buffer = new(Schema);
        Read(index, buffer.Sample);
        return (int)buffer.GetTarget(0)[0];
    }
}
