// Graphs as text, without their weights: to look at, to keep in version control, to train from scratch.

using System.Text;
using System.Text.Json;
using CnnNative.Models;

namespace CnnNative;

/// <summary>Writes graphs as JSON and reads them again; the format is described in src/CnnNative/Models/README.md.</summary>
public static class GraphJson
{
    /// <summary>The version of the format that is written.</summary>
    public const int Version = 1;

    /// <summary>The names of parameters with their roles and shapes, all nodes with their attributes, and the values of
    /// constants; no weights.</summary>
    /// <param name="graph">The graph.</param>
    /// <returns>Indented JSON.</returns>
    public static string Write(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return JsonText.Write(json => new GraphWriter(json, graph, withConstants: true).Write());
    }

    /// <summary>Reads a graph; its weights get first values.</summary>
    /// <param name="json">What <see cref="Write"/> gave, or was written by hand.</param>
    /// <param name="seed">Where random weights come from; see <see cref="GraphBuilder.Build"/>.</param>
    /// <returns>The graph, which the caller disposes.</returns>
    /// <exception cref="FormatException">The text is no graph; the message says what is wrong and where.</exception>
    public static Graph Read(string json, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(json);
        using JsonDocument document = JsonText.Parse(Encoding.UTF8.GetBytes(json));
        return Read(document.RootElement, seed);
    }

    internal static Graph Read(JsonElement element, ulong seed)
    {
        GraphReader reader = new(parameter => parameter.Role == ParameterRole.Constant
            ? throw new FormatException("a constant has no elements, expected them as base64.")
            : Tensor.Uninitialized(parameter.Shape));
        Graph graph = reader.Read(element);
        try
        {
            ParameterInitialization.Apply(graph, reader.Initializers, seed);
            return graph;
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }
}
