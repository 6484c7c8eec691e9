// A model that is ready to answer: fused, its weights packed, its memory planned. It never changes, so that any number of
// sessions on any number of threads can share it.

using CnnNative.Graphs;
using CnnNative.Graphs.Passes;
using CnnNative.Models;

namespace CnnNative;

/// <summary>How a model is compiled.</summary>
public sealed record CompileOptions
{
    /// <summary>Where it runs; <see cref="ComputeContext.Default"/> by default. The context outlives the compiled model.</summary>
    public ComputeContext? Context { get; init; }

    /// <summary>Whether operators are folded and fused, which changes results by rounding only; false switches all
    /// <see cref="Passes"/> off.</summary>
    public bool Optimize { get; init; } = true;

    /// <summary>The passes that run; all of them by default. Leave one out to see what it does.</summary>
    public GraphPasses Passes { get; init; } = GraphPasses.All;

    /// <summary>Shapes of inputs for <see cref="CompiledModel.Load"/>, by name, with the dimensions in the file's order; needed
    /// where an ONNX model has open dimensions besides the batch. Null for none.</summary>
    public IReadOnlyDictionary<string, Shape>? InputShapes { get; init; }
}

/// <summary>A network compiled for inference.</summary>
/// <remarks>Immutable and safe to use from several threads at once: each thread runs a <see cref="Session"/> of its own. The graph
/// that it was made of may be disposed. Training that graph further may or may not show; compile again instead.</remarks>
public sealed class CompiledModel : IDisposable
{
    /// <summary>Programs that are kept for the next session though nobody uses them.</summary>
    private const int IdlePrograms = 2;

    private readonly Lock _gate = new();
    private readonly ComputeContext _context;
    private readonly Graph _graph;
    private readonly List<SharedProgram> _programs = [];
    private readonly GraphPasses _enabled;
    private bool _disposed;

    private CompiledModel(Graph graph, ComputeContext context, GraphPasses enabled, IReadOnlyList<PassReport> passes)
    {
        _graph = graph;
        _context = context;
        _enabled = enabled;
        Passes = passes;
    }

    /// <summary>The inputs, in the order in which sessions take them.</summary>
    public IReadOnlyList<GraphInput> Inputs => [.. _graph.Inputs.Select(input => input.Input!)];

    /// <summary>The names of the outputs, in the order in which sessions give them.</summary>
    public IReadOnlyList<string> Outputs => [.. _graph.Outputs.Select(output => output.Name)];

    /// <summary>The graph that runs, after all passes; the compiled model owns it.</summary>
    public Graph Graph => _graph;

    /// <summary>What each pass did, in the order in which they ran; empty without passes. Those that concern memory depend on
    /// shapes and are told by <see cref="Session.Passes"/>.</summary>
    public IReadOnlyList<PassReport> Passes { get; }

    /// <summary>Loads a model and compiles it.</summary>
    /// <param name="path">A .cnn file, or an ONNX model with the ending .onnx; see <see cref="Model.Load(string)"/>.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <returns>The compiled model, which the caller disposes. Large weights of an ONNX model are read from the file when a session
    /// needs them, so the file stays open, and nobody may change it until then.</returns>
    /// <exception cref="CnnFormatException">The file is no model, or a damaged one.</exception>
    /// <exception cref="ShapeException">Inputs of an ONNX model have open dimensions besides the batch, and
    /// <see cref="CompileOptions.InputShapes"/> does not give them.</exception>
    /// <exception cref="NotSupportedException">The package for the file is not there, or an ONNX model uses operators that are
    /// not supported, all of which the message names.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static CompiledModel Load(string path, CompileOptions? options = null)
    {
        using Model model = ModelFormats.For(path).Load(path, options?.InputShapes, forRuns: true);
        return Compile(model.Graph, options);
    }

    /// <summary>Compiles a graph.</summary>
    /// <param name="graph">The graph, with its parameters as they are now.</param>
    /// <param name="options">How; null for the defaults.</param>
    public static CompiledModel Compile(Graph graph, CompileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        options ??= new CompileOptions();
        ComputeContext context = options.Context ?? ComputeContext.Default;
        Graph shared = GraphCopy.Share(graph);
        GraphPasses enabled = options.Optimize ? options.Passes : GraphPasses.None;
        List<PassReport> passes = [];
        Graph compiled = InferencePasses.Apply(shared, context.Kernels, enabled, passes);
        foreach (Parameter parameter in shared.Parameters.Except(compiled.Parameters))
        {
            parameter.Dispose();
        }

        return new CompiledModel(compiled.Owning(), context, enabled, passes);
    }

    /// <summary>Makes a session for a number of samples.</summary>
    /// <param name="batch">The number of samples.</param>
    /// <returns>A session; the caller disposes it, before or after this model.</returns>
    /// <exception cref="ShapeException">An input has other open dimensions than the batch, or a node does not accept the shapes.</exception>
    public Session CreateSession(int batch = 1) => CreateSession(GraphShapes.ForBatch(_graph, batch));

    /// <summary>Makes a session for given shapes of the inputs.</summary>
    /// <param name="inputShapes">A shape for each input, in the order of <see cref="Inputs"/>.</param>
    /// <returns>A session; the caller disposes it, before or after this model.</returns>
    /// <exception cref="ShapeException">A shape does not fit its input, or a node does not accept the shapes.</exception>
    public Session CreateSession(params IReadOnlyList<Shape> inputShapes)
    {
        ArgumentNullException.ThrowIfNull(inputShapes);
        SharedProgram program = Rent(inputShapes);
        try
        {
            // Made outside the lock: sessions for other shapes do not wait for it, those for the same shapes do.
            return new Session(this, program, program.Program.CreateRun(), _context.Kernels);
        }
        catch
        {
            Return(program);
            throw;
        }
    }

    /// <summary>Frees the packed weights when the last session is disposed.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _disposed = true;
                Trim();
            }
        }
    }

    internal void Return(SharedProgram program)
    {
        lock (_gate)
        {
            program.Users--;
            if (!program.IsMade)
            {
                // The shapes did not fit. Whoever asks again is told again.
                _programs.Remove(program);
            }

            Trim();
        }
    }

    private SharedProgram Rent(IReadOnlyList<Shape> inputShapes)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            SharedProgram? program = _programs.Find(program => program.InputShapes.SequenceEqual(inputShapes));
            if (program is null)
            {
                Shape[] shapes = [.. inputShapes];
                program = new SharedProgram(shapes, () => new InferenceProgram(_graph, shapes, _context.Kernels, _enabled));
            }
            else
            {
                _programs.Remove(program);
            }

            // The last one is the one that was used last.
            _programs.Add(program);
            program.Users++;
            return program;
        }
    }

    /// <summary>Keeps memory from growing with every new shape: of programs without users the oldest go.</summary>
    private void Trim()
    {
        int idle = _programs.Count(program => program.Users == 0) - (_disposed ? 0 : IdlePrograms);
        for (int i = 0; i < _programs.Count && idle > 0;)
        {
            if (_programs[i].Users > 0)
            {
                i++;
                continue;
            }

            _programs[i].Dispose();
            _programs.RemoveAt(i);
            idle--;
        }

        if (_disposed && _programs.Count == 0)
        {
            _graph.Dispose();
        }
    }
}

/// <summary>A program and how many sessions use it.</summary>
internal sealed class SharedProgram(Shape[] inputShapes, Func<InferenceProgram> make) : IDisposable
{
    private readonly Lazy<InferenceProgram> _program = new(make);

    public Shape[] InputShapes { get; } = inputShapes;

    /// <summary>The program, which the first user makes.</summary>
    public InferenceProgram Program => _program.Value;

    /// <summary>Whether there is a program.</summary>
    public bool IsMade => _program.IsValueCreated;

    public int Users { get; set; }

    public void Dispose()
    {
        if (IsMade)
        {
            Program.Dispose();
        }
    }
}
