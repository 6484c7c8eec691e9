// Random numbers that belong to a sample, not to a thread: the generator has no state but a position, and its key is a mix of
// seed, epoch and place in the epoch. So a sample is augmented the same way by any number of workers, and after a resume.

using System.Runtime.CompilerServices;
using CnnNative.Kernels;
using CnnNative.Kernels.Managed;

namespace CnnNative;

/// <summary>Random numbers of one sample, batch or epoch: Philox4x32-10 (Salmon et al. 2011) under a key of its own.</summary>
/// <remarks>A mutable value: pass it by reference. Not safe to share between threads.</remarks>
public struct SampleRandom : IEquatable<SampleRandom>
{
    private readonly ulong _key;
    private ulong _position;
    private Words _words;

    private SampleRandom(ulong key) => _key = key;

    /// <summary>What the numbers are for; each use has a sequence of its own.</summary>
    private enum Use : ulong
    {
        Sample = 1,
        Batch = 2,
        Order = 3,
        Split = 4,
    }

    /// <summary>The numbers of a sample.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="epoch">The epoch, counted from 0.</param>
    /// <param name="position">The place of the sample in the epoch's order. It is not the sample's index, because a sampler may
    /// draw a sample twice, and then each is to be augmented in its own way.</param>
    public static SampleRandom ForSample(ulong seed, int epoch, long position) => Create(Use.Sample, seed, epoch, position);

    /// <summary>The numbers of a batch.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="epoch">The epoch, counted from 0.</param>
    /// <param name="batch">The batch in the epoch, counted from 0.</param>
    public static SampleRandom ForBatch(ulong seed, int epoch, long batch) => Create(Use.Batch, seed, epoch, batch);

    /// <summary>The numbers that decide an epoch's order.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="epoch">The epoch, counted from 0.</param>
    public static SampleRandom ForOrder(ulong seed, int epoch) => Create(Use.Order, seed, epoch, 0);

    /// <summary>Whether both have the same numbers before them.</summary>
    /// <param name="left">One generator.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(SampleRandom left, SampleRandom right) => left.Equals(right);

    /// <summary>Whether the two have different numbers before them.</summary>
    /// <param name="left">One generator.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(SampleRandom left, SampleRandom right) => !left.Equals(right);

    /// <summary>The numbers that divide a data set.</summary>
    internal static SampleRandom ForSplit(ulong seed) => Create(Use.Split, seed, 0, 0);

    /// <summary>32 random bits.</summary>
    public uint NextUInt32()
    {
        int place = (int)(_position % Philox.GroupSize);
        Span<uint> words = _words;
        if (place == 0)
        {
            // Not Philox.Group itself: .NET 10 miscompiles it on AVX-512 while it is not optimised, that is in its first calls,
            // unless it was inlined.
            Philox.Words(new RandomSequence(_key, _position), words);
        }

        _position++;
        return words[place];
    }

    /// <summary>A number from 0 inclusive to 1 exclusive, one of 2^24.</summary>
    public float NextSingle() => (NextUInt32() >> 8) * (1f / 16777216f);

    /// <summary>A number from <paramref name="low"/> to <paramref name="high"/>.</summary>
    /// <param name="low">The least.</param>
    /// <param name="high">The largest.</param>
    public float Uniform(float low, float high) => low + (high - low) * NextSingle();

    /// <summary>A whole number from 0 inclusive to a bound exclusive. The bias is below bound / 2^32.</summary>
    /// <param name="exclusiveBound">The bound, above 0.</param>
    public int NextInt(int exclusiveBound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveBound);
        return (int)((ulong)NextUInt32() * (uint)exclusiveBound >> 32);
    }

    /// <summary>True with the given probability.</summary>
    /// <param name="probability">From 0, never, to 1, always.</param>
    public bool NextBool(double probability) => NextUInt32() < probability * 4294967296.0;

    /// <summary>A number of the standard normal distribution, by the method of Box and Muller (1958).</summary>
    public double Normal()
    {
        double fraction = (NextUInt32() + 1.0) / 4294967296.0, turn = NextUInt32() / 4294967296.0;
        return Math.Sqrt(-2 * Math.Log(fraction)) * Math.Cos(2 * Math.PI * turn);
    }

    /// <summary>Fills a span with numbers from <paramref name="low"/> to <paramref name="high"/>.</summary>
    /// <param name="values">What to fill.</param>
    /// <param name="low">The least.</param>
    /// <param name="high">The largest.</param>
    public void FillUniform(Span<float> values, float low, float high) =>
        ManagedRandom.Uniform(Take(values.Length), low, high, values);

    /// <summary>Fills a span with normal numbers of mean 0.</summary>
    /// <param name="values">What to fill.</param>
    /// <param name="deviation">The standard deviation.</param>
    public void FillNormal(Span<float> values, float deviation) =>
        ManagedRandom.Normal(Take(values.Length), 0, deviation, values);

    /// <summary>Puts values in random order, each order as likely as any (Fisher and Yates, as Durstenfeld wrote it in
    /// 1964).</summary>
    /// <param name="values">The values.</param>
    public void Shuffle(Span<int> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int other = NextInt(i + 1);
            (values[i], values[other]) = (values[other], values[i]);
        }
    }

    /// <inheritdoc/>
    public readonly bool Equals(SampleRandom other) => _key == other._key && _position == other._position;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is SampleRandom other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(_key, _position);

    private static SampleRandom Create(Use use, ulong seed, int epoch, long place) =>
        new(Mix(Mix(Mix(Mix(seed) ^ (ulong)use) ^ (uint)epoch) ^ (ulong)place));

    /// <summary>The finaliser of SplitMix64 (Steele, Lea and Flood 2014): one to one, and each bit depends on all.</summary>
    private static ulong Mix(ulong x)
    {
        unchecked
        {
            x += 0x9e3779b97f4a7c15;
            x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
            x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
            return x ^ (x >> 31);
        }
    }

    /// <summary>Whole groups, because those are drawn without a detour.</summary>
    private RandomSequence Take(int count)
    {
        ulong start = (_position + Philox.GroupSize - 1) / Philox.GroupSize * Philox.GroupSize;
        _position = start + ((ulong)count + Philox.GroupSize - 1) / Philox.GroupSize * Philox.GroupSize;
        return new RandomSequence(_key, start);
    }

    [InlineArray(Philox.GroupSize)]
    private struct Words
    {
        private uint _first;
    }
}
