// Sessions of a model for the shapes that were asked for last. There are only a few at a time, so that a server that meets
// pictures of any size does not fill its memory with them; and none outlives the weights that it was compiled with.

namespace CnnNative.Models;

/// <summary>Lends sessions. Safe to use from several threads at once.</summary>
internal sealed class SessionPool(Graph graph) : IDisposable
{
    /// <summary>Full batches, the smaller one at the end of a data set, and single samples, twice for two threads.</summary>
    private const int IdleSessions = 6;

    /// <summary>Contexts for which the model is compiled at a time.</summary>
    private const int Contexts = 2;

    private readonly Lock _gate = new();
    private readonly List<SessionLease> _idle = [];
    private readonly List<(ComputeContext Context, Lazy<CompiledModel> Model)> _compiled = [];
    private int _generation;
    private bool _isDisposed;

    /// <summary>Lends a session for inputs of these shapes, compiled if need be. Others are not kept waiting meanwhile, but for
    /// those who need the same.</summary>
    /// <exception cref="ShapeException">The shapes do not fit the graph.</exception>
    public SessionLease Rent(Shape[] shapes, ComputeContext context)
    {
        while (true)
        {
            Lazy<CompiledModel> compiled;
            int generation;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, typeof(Model));
                int index = _idle.FindLastIndex(idle => idle.Context == context && idle.Shapes.AsSpan().SequenceEqual(shapes));
                if (index >= 0)
                {
                    SessionLease lease = _idle[index];
                    _idle.RemoveAt(index);
                    return lease;
                }

                compiled = CompiledFor(context);
                generation = _generation;
            }

            try
            {
                return new SessionLease(this, compiled.Value.CreateSession(shapes), context, shapes, generation);
            }
            catch (ObjectDisposedException)
            {
                // The weights changed, or other contexts took its place: once more. This is asked here and not in a filter, which would
                // run, and take the gate, while the model still holds its own: the other way round than those who dispose a session.
                if (!WasForgotten(compiled))
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Takes a session back.</summary>
    public void Return(SessionLease lease)
    {
        lock (_gate)
        {
            if (lease.Generation != _generation || _isDisposed)
            {
                lease.Session.Dispose();
                return;
            }

            // The last one is the one that was used last.
            _idle.Add(lease);
            if (_idle.Count > IdleSessions)
            {
                _idle[0].Session.Dispose();
                _idle.RemoveAt(0);
            }
        }
    }

    /// <summary>Forgets all that was compiled; sessions that are in use are freed when they come back.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _generation++;
            _idle.ForEach(lease => lease.Session.Dispose());
            _idle.Clear();
            _compiled.ForEach(entry => Forget(entry.Model));
            _compiled.Clear();
        }
    }

    /// <summary>Forgets all, and lends nothing any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        Clear();
    }

    private Lazy<CompiledModel> CompiledFor(ComputeContext context)
    {
        int index = _compiled.FindIndex(entry => entry.Context == context);
        if (index >= 0)
        {
            return _compiled[index].Model;
        }

        Lazy<CompiledModel> model = new(() => CompiledModel.Compile(graph, new CompileOptions { Context = context }));
        if (_compiled.Count == Contexts)
        {
            Forget(_compiled[0].Model);
            _compiled.RemoveAt(0);
        }

        _compiled.Add((context, model));
        return model;
    }

    /// <summary>Disposes a model, waiting for whoever is compiling it; one that failed to compile is none.</summary>
    private static void Forget(Lazy<CompiledModel> model)
    {
        try
        {
            model.Value.Dispose();
        }
        catch (Exception error) when (error is not OutOfMemoryException && !model.IsValueCreated)
        {
        }
    }

    private bool WasForgotten(Lazy<CompiledModel> model)
    {
        lock (_gate)
        {
            return !_compiled.Exists(entry => ReferenceEquals(entry.Model, model));
        }
    }
}

/// <summary>A session that is lent to one user; disposing gives it back.</summary>
internal sealed record SessionLease(SessionPool Pool, Session Session, ComputeContext Context, Shape[] Shapes, int Generation)
    : IDisposable
{
    public void Dispose() => Pool.Return(this);
}
