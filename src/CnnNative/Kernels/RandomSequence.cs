// Random numbers as values: a sequence is a seed and a position, because the generator has no state; and a dropout is a sequence
// with a probability, so that the gradient finds the same mask again.

namespace CnnNative.Kernels;

/// <summary>Where random numbers come from: Philox4x32-10, at the positions from <paramref name="Offset"/> on.</summary>
/// <param name="Seed">The key of the generator.</param>
/// <param name="Offset">The position of the first element.</param>
internal readonly record struct RandomSequence(ulong Seed, ulong Offset = 0)
{
    /// <summary>The sequence that follows so many numbers of this one; positions wrap.</summary>
    public RandomSequence After(long count) => this with { Offset = unchecked(Offset + (ulong)count) };
}

/// <summary>Which elements a dropout drops: those whose random word is less than the probability times 2^32.</summary>
/// <param name="Probability">At least 0 and less than 1.</param>
/// <param name="Sequence">One position for each element, or for each channel of each image.</param>
internal readonly record struct DropoutMask(float Probability, RandomSequence Sequence);
