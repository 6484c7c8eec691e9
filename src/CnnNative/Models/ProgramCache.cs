// The programs of a model for the shapes that were asked for last. There are only a few at a time, so that a server that meets
// pictures of any size does not fill its memory with them; one that is in use is freed when its last user gives it back.

using CnnNative.Graphs;
using CnnNative.Graphs.Passes;
using CnnNative.Kernels;

namespace CnnNative.Models;

/// <summary>Lends programs and runs of them. Safe to use from several threads at once.</summary>
internal sealed class ProgramCache(Graph graph) : IDisposable
{
    /// <summary>Full batches, the smaller one at the end of a data set, and single samples, for two contexts.</summary>
    private const int Capacity = 6;

    /// <summary>Runs that are kept of a program while nobody uses them; each holds a workspace.</summary>
    private const int IdleRuns = 2;

    private readonly Lock _gate = new();
    private readonly List<ProgramEntry> _entries = [];
    private bool _isDisposed;

    /// <summary>Lends a run for inputs of these shapes, compiled if need be.</summary>
    /// <exception cref="ShapeException">The shapes do not fit the graph.</exception>
    public ProgramLease Rent(Shape[] shapes, IKernels kernels)
    {
        ProgramEntry entry;
        InferenceRun? run;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(Model));
            entry = Find(shapes, kernels);
            entry.Users++;
            entry.Idle.TryPop(out run);
        }

        try
        {
            return new ProgramLease(this, entry, run ?? entry.Program.Value.CreateRun());
        }
        catch
        {
            lock (_gate)
            {
                // What could not be compiled is not kept either.
                Evict(entry);
                Release(entry);
            }

            throw;
        }
    }

    /// <summary>Takes a run back.</summary>
    public void Return(ProgramEntry entry, InferenceRun run)
    {
        lock (_gate)
        {
            if (entry.IsEvicted || entry.Idle.Count == IdleRuns)
            {
                run.Dispose();
            }
            else
            {
                entry.Idle.Push(run);
            }

            Release(entry);
        }
    }

    /// <summary>Forgets all programs.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            foreach (ProgramEntry entry in _entries.ToArray())
            {
                Evict(entry);
            }
        }
    }

    /// <summary>Forgets all programs, and lends none any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        Clear();
    }

    private static void Release(ProgramEntry entry)
    {
        entry.Users--;
        entry.FreeUnused();
    }

    private ProgramEntry Find(Shape[] shapes, IKernels kernels)
    {
        int index = _entries.FindIndex(
            entry => ReferenceEquals(entry.Kernels, kernels) && entry.Shapes.AsSpan().SequenceEqual(shapes));
        ProgramEntry found = index >= 0 ? _entries[index] : new ProgramEntry(graph, shapes, kernels);
        if (index >= 0)
        {
            _entries.RemoveAt(index);
        }
        else if (_entries.Count == Capacity)
        {
            Evict(_entries[0]);
        }

        _entries.Add(found);
        return found;
    }

    private void Evict(ProgramEntry entry)
    {
        _entries.Remove(entry);
        entry.IsEvicted = true;
        entry.FreeUnused();
    }
}

/// <summary>A program in the cache; all but the program itself is guarded by the cache's lock.</summary>
internal sealed class ProgramEntry
{
    private Graph? _compiled;

    public ProgramEntry(Graph graph, Shape[] shapes, IKernels kernels)
    {
        Shapes = shapes;
        Kernels = kernels;
        Program = new Lazy<InferenceProgram>(() =>
        {
            _compiled = FuseActivation.Apply(MoveActivation.Apply(graph), training: false);
            return new InferenceProgram(_compiled, shapes, kernels);
        });
    }

    public Shape[] Shapes { get; }

    public IKernels Kernels { get; }

    /// <summary>Compiled by whoever needs it first, without holding up those that need other programs.</summary>
    public Lazy<InferenceProgram> Program { get; }

    public Stack<InferenceRun> Idle { get; } = [];

    public int Users { get; set; }

    public bool IsEvicted { get; set; }

    /// <summary>Frees what nobody will use any more.</summary>
    public void FreeUnused()
    {
        if (!IsEvicted)
        {
            return;
        }

        while (Idle.TryPop(out InferenceRun? run))
        {
            run.Dispose();
        }

        if (Users == 0 && Program.IsValueCreated)
        {
            Program.Value.Dispose();
            _compiled?.Dispose();
        }
    }
}

/// <summary>A run that is lent to one user.</summary>
internal readonly struct ProgramLease(ProgramCache cache, ProgramEntry entry, InferenceRun run) : IDisposable
{
    public InferenceRun Run => run;

    public void Dispose() => cache.Return(entry, run);
}
