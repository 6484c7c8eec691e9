// Which samples an epoch has, where that is not simply each of them once.

namespace CnnNative;

/// <summary>Draws the samples of an epoch.</summary>
public interface ISampler
{
    /// <summary>Samples in an epoch.</summary>
    int Count { get; }

    /// <summary>Draws an epoch: the same one for the same seed and epoch.</summary>
    /// <param name="order">Where the indices of the samples go; <see cref="Count"/> of them.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="epoch">The epoch, counted from 0.</param>
    void Draw(Span<int> order, ulong seed, int epoch);
}
