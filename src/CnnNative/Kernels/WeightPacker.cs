// Packs the constant weights of a whole network: into one block of memory, in pieces that fit the caches, on as many threads as
// the kernels have. Weights that are still in a file are read piece by piece, and never lie in memory but as they are packed.

using System.Runtime.InteropServices;
using CnnNative.Interop;

namespace CnnNative.Kernels;

/// <summary>A plan of the native library whose weights can be packed into memory that is given, in pieces.</summary>
internal interface IPackedWeights
{
    /// <summary>Bytes of the packed weights.</summary>
    long PackedBytes { get; }

    /// <summary>The filters that a piece has at least, and a multiple of; 0 where all are packed at once.</summary>
    int PackStep { get; }

    /// <summary>Takes the memory over in which the packed weights are to be.</summary>
    void UsePacked(CnnBufferHandle memory);

    /// <summary>Packs some filters. Different ones may be packed at the same time.</summary>
    /// <param name="context">Whose thread does it.</param>
    /// <param name="first">The first filter.</param>
    /// <param name="count">How many; all where there is no step.</param>
    /// <param name="weights">These filters.</param>
    /// <param name="bias">The bias of all filters; null for none.</param>
    void PackPart(CnnContextHandle context, int first, int count, Tensor weights, Tensor? bias);
}

/// <summary>Collects the weights of plans, and packs them all. One for each set of plans.</summary>
internal sealed class WeightPacker
{
    /// <summary>Blocks are not larger, because a tensor's memory is not either.</summary>
    private const long MostOfABlock = 1L << 30;

    private const int Alignment = 64;

    private readonly List<Entry> _entries = [];

    /// <summary>Adds a plan. The tensors are there until <see cref="Run"/> has ended.</summary>
    public void Add(IPackedWeights plan, Tensor weights, Tensor? bias) => _entries.Add(new Entry(plan, weights, bias));

    /// <summary>Packs everything that was added.</summary>
    /// <param name="threads">The threads that work, this one included.</param>
    /// <param name="isa">The instruction set of the plans.</param>
    public void Run(int threads, CnnIsa isa)
    {
        Place();
        List<Piece> pieces = [.. _entries.SelectMany(PiecesOf)];
        int next = -1;
        Exception? failure = null;
        Thread[] others = [.. Enumerable.Range(1, Math.Min(threads, pieces.Count + 1) - 1).Select(_ => new Thread(Work))];
        Array.ForEach(others, thread => thread.Start());
        Work();
        Array.ForEach(others, thread => thread.Join());
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        void Work()
        {
            try
            {
                // A context of one thread: the pieces are what is shared out.
                using CnnContextHandle context = CnnContextHandle.Create(threads: 1, isa);
                using Staging staging = new();
                for (int i; failure is null && (i = Interlocked.Increment(ref next)) < pieces.Count;)
                {
                    pieces[i].Pack(context, staging);
                }
            }
            catch (Exception error)
            {
                Interlocked.CompareExchange(ref failure, error, null);
            }
        }
    }

    /// <summary>Gives the plans their places in blocks, so that the system can map large pages.</summary>
    private void Place()
    {
        for (int first = 0; first < _entries.Count;)
        {
            long bytes = 0;
            int end = first;
            for (; end < _entries.Count && (end == first || bytes + _entries[end].Bytes <= MostOfABlock); end++)
            {
                bytes += _entries[end].Bytes;
            }

            // The plans' views keep the block.
            using CnnBufferHandle block = CnnBufferHandle.Create(bytes, NativeHandleKind.PackedWeights);
            for (long offset = 0; first < end; first++)
            {
                _entries[first].Plan.UsePacked(block.View(offset, _entries[first].Plan.PackedBytes));
                offset += _entries[first].Bytes;
            }
        }
    }

    private static IEnumerable<Piece> PiecesOf(Entry entry)
    {
        int step = entry.Plan.PackStep, filters = entry.Weights.Shape[0];
        long filter = entry.Weights.ByteCount / filters;
        TensorSource? source = entry.Weights.Pending;
        int pieceBytes = source?.PieceBytes ?? TensorSource.UsualPieceBytes;
        if (step == 0 || filters * filter <= pieceBytes || filter % (source?.Unit ?? sizeof(float)) != 0)
        {
            yield return new Piece(entry, 0, filters);
            yield break;
        }

        int count = (int)Math.Max(1, pieceBytes / filter / step) * step;
        for (int first = 0; first < filters; first += count)
        {
            yield return new Piece(entry, first, Math.Min(count, filters - first));
        }
    }

    /// <summary>The weights of a plan.</summary>
    private sealed record Entry(IPackedWeights Plan, Tensor Weights, Tensor? Bias)
    {
        /// <summary>Bytes of the packed weights, up to where the next ones may begin.</summary>
        public long Bytes => (Plan.PackedBytes + Alignment - 1) / Alignment * Alignment;
    }

    /// <summary>Some filters of a plan.</summary>
    private readonly record struct Piece(Entry Entry, int First, int Count)
    {
        public void Pack(CnnContextHandle context, Staging staging)
        {
            Tensor weights = Entry.Weights;
            int filter = weights.ElementCount / weights.Shape[0];
            if (weights.Pending is null)
            {
                using Tensor part = weights.View(First * filter, Count * filter);
                Entry.Plan.PackPart(context, First, Count, part, Entry.Bias);
                return;
            }

            using Tensor read = staging.Take(Count * filter, out Tensor other);
            using (other)
            using (TensorAccess target = read.Access())
            using (TensorAccess work = other.Access())
            {
                weights.ReadPiece(
                    (long)First * filter * sizeof(float), MemoryMarshal.AsBytes(target.Values), MemoryMarshal.AsBytes(work.Values));
            }

            Entry.Plan.PackPart(context, First, Count, read, Entry.Bias);
        }
    }

    /// <summary>Memory of one thread that pieces are read into, one after the other.</summary>
    private sealed class Staging : IDisposable
    {
        private Tensor? _first;
        private Tensor? _second;

        /// <summary>Two views of some elements.</summary>
        public Tensor Take(int elements, out Tensor other)
        {
            if (_first is null || _first.ElementCount < elements)
            {
                Dispose();
                _first = Tensor.Uninitialized(elements);
                _second = Tensor.Uninitialized(elements);
            }

            other = _second!.View(0, elements);
            return _first.View(0, elements);
        }

        public void Dispose()
        {
            _first?.Dispose();
            _second?.Dispose();
        }
    }
}
