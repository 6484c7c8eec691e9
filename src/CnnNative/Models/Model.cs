// A model is a graph with what makes it useful to somebody: class names, how pictures become inputs, and sessions that are kept
// for the sizes of batches that were asked for last. Training, files and summaries are parts of it in files of their own.

using CnnNative.Graphs;
using CnnNative.Models;

namespace CnnNative;

/// <summary>A network with its weights, to be trained, saved and asked for predictions.</summary>
/// <remarks>Predictions are safe from several threads at once. Whoever changes weights by hand does it while nobody predicts, and
/// calls <see cref="WeightsChanged"/> afterwards. Disposing the model frees its weights.</remarks>
public sealed partial class Model : IDisposable
{
    private readonly SessionPool _sessions;

    /// <summary>Makes a model of a graph.</summary>
    /// <param name="graph">The graph; the model takes it over and disposes it.</param>
    public Model(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Graph = graph;
        _sessions = new SessionPool(graph);
        Inputs = [.. graph.Inputs.Select(input => input.Input!)];
    }

    /// <summary>The network; it belongs to the model.</summary>
    public Graph Graph { get; }

    /// <summary>The inputs, in order.</summary>
    public IReadOnlyList<GraphInput> Inputs { get; }

    /// <summary>The outputs, in order.</summary>
    public IReadOnlyList<GraphOutput> Outputs => Graph.Outputs;

    /// <summary>Weights, biases, running statistics and constants, in the order in which nodes first use them.</summary>
    public IReadOnlyList<Parameter> Parameters => Graph.Parameters;

    /// <summary>The number of elements of all weights and biases, trained or frozen; running statistics and constants are left
    /// out.</summary>
    public long ParameterCount => ModelParameters.Count(Graph.Parameters);

    /// <summary>The names of the classes that the output tells apart, in its order; null where there are none.</summary>
    public IReadOnlyList<string>? ClassNames { get; set; }

    /// <summary>How a picture becomes the input; null where it is not known.</summary>
    public Preprocessing? Preprocessing { get; set; }

    /// <summary>The shape of an output for a number of samples.</summary>
    /// <param name="batch">The number of samples.</param>
    /// <param name="output">Which output.</param>
    /// <exception cref="ShapeException">An input has open dimensions other than the batch.</exception>
    public Shape OutputShape(int batch, int output = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(output);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(output, Outputs.Count);
        GraphShapes shapes = new(Graph, GraphShapes.ForBatch(Graph, batch));
        return shapes[Outputs[output].Value].Shape;
    }

    /// <summary>Lists the layers with their shapes and costs, and what memory the model needs. No layer runs.</summary>
    /// <param name="batchSize">Samples in a batch, for the memory.</param>
    /// <exception cref="ShapeException">An input has open dimensions other than the batch.</exception>
    public ModelSummary Summarize(int batchSize = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return SummaryBuilder.Build(Graph, batchSize);
    }

    /// <summary>Keeps parameters as they are during training. A normalisation whose scale and shift are frozen keeps its
    /// statistics too.</summary>
    /// <param name="pattern">Names of parameters, or of layers or scopes whose parameters are meant: "conv1", "block*",
    /// "*.bias"; a star stands for any letters, a question mark for one.</param>
    /// <returns>The number of parameters that the pattern names.</returns>
    /// <exception cref="ArgumentException">It names none.</exception>
    public int Freeze(string pattern) => SetTrainable(pattern, trainable: false);

    /// <summary>Lets training change parameters again; see <see cref="Freeze"/>.</summary>
    /// <param name="pattern">Which parameters.</param>
    /// <returns>The number of parameters that the pattern names.</returns>
    /// <exception cref="ArgumentException">It names none.</exception>
    public int Unfreeze(string pattern) => SetTrainable(pattern, trainable: true);

    /// <summary>Compiles the model, with its weights as they are now: for servers and other programs that predict without
    /// allocating.</summary>
    /// <param name="options">How; null for the defaults.</param>
    /// <returns>The compiled model, which the caller disposes; it does not need this one any more.</returns>
    public CompiledModel Compile(CompileOptions? options = null) => CompiledModel.Compile(Graph, options);

    /// <summary>Tells the model that weights were changed by hand: predictions pack them anew. Training and loading do so by
    /// themselves.</summary>
    public void WeightsChanged() => _sessions.Clear();

    /// <summary>Frees weights and what was compiled of them.</summary>
    public void Dispose()
    {
        _sessions.Dispose();
        Graph.Dispose();
    }

    private int SetTrainable(string pattern, bool trainable)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(pattern);
        Parameter[] named =
        [
            .. Parameters.Where(parameter => parameter.Role is ParameterRole.Weight or ParameterRole.Bias)
                .Where(parameter => NamePattern.Matches(pattern, parameter.Name)),
        ];
        if (named.Length == 0)
        {
            throw new ArgumentException(
                $"No parameter is called '{pattern}', expected one of {ModelParameters.List(Parameters)}, or a pattern such as " +
                "'block*'.",
                nameof(pattern));
        }

        foreach (Parameter parameter in named)
        {
            parameter.Trainable = trainable;
        }

        return named.Length;
    }
}
