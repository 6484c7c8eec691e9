// A graph as JSON: inputs, parameters by name, role and shape, nodes in an order in which they can run, and outputs. Values are
// named, and where a name is not clear, it is said what kind of value is meant.

using System.Globalization;
using System.Text.Json;

namespace CnnNative.Models;

/// <summary>Writes one graph.</summary>
/// <param name="json">Where to.</param>
/// <param name="graph">The graph.</param>
/// <param name="withConstants">Whether the elements of constants are written too, because no file with weights goes with the
/// text.</param>
internal sealed class GraphWriter(Utf8JsonWriter json, Graph graph, bool withConstants)
{
    private readonly HashSet<string> _ambiguous = FindAmbiguous(graph);

    /// <summary>Writes an object.</summary>
    public void Write()
    {
        json.WriteStartObject();
        json.WriteNumber("version", GraphJson.Version);
        WriteList("inputs", graph.Inputs, value => WriteInput(value.Input!));
        WriteList("parameters", graph.Parameters, WriteParameter);
        WriteList("nodes", graph.Nodes, WriteNode);
        WriteList("outputs", graph.Outputs, WriteOutput);
        json.WriteEndObject();
    }

    private static HashSet<string> FindAmbiguous(Graph graph)
    {
        HashSet<string> seen = new(StringComparer.Ordinal), twice = new(StringComparer.Ordinal);
        IEnumerable<string> names = graph.Inputs.Select(input => input.Name)
            .Concat(graph.Parameters.Select(parameter => parameter.Name))
            .Concat(graph.Nodes.SelectMany(node => node.Outputs).Select(output => output.Name));
        foreach (string name in names)
        {
            if (!seen.Add(name))
            {
                twice.Add(name);
            }
        }

        return twice;
    }

    private void WriteList<T>(string name, IReadOnlyList<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            write(item);
        }

        json.WriteEndArray();
    }

    private void WriteInput(GraphInput input)
    {
        json.WriteStartObject();
        json.WriteString("name", input.Name);
        json.WritePropertyName("shape");
        JsonText.WriteList(
            json, input.Dimensions.Select(dimension => dimension.Symbol is { } symbol ? JsonText.Quote(symbol) : $"{dimension}"));
        WriteType(input.Type);
        WriteOrder(input.SourceOrder);
        json.WriteEndObject();
    }

    private void WriteOrder(IReadOnlyList<int>? order)
    {
        if (order is not null)
        {
            json.WritePropertyName("source_order");
            JsonText.WriteList(json, order.Select(dimension => dimension.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private void WriteParameter(Parameter parameter)
    {
        json.WriteStartObject();
        json.WriteString("name", parameter.Name);
        json.WritePropertyName("shape");
        JsonText.WriteList(json, parameter.Shape.Select(size => size.ToString(CultureInfo.InvariantCulture)));
        json.WriteString("role", parameter.Role.ToString().ToLowerInvariant());
        if (parameter.Role is ParameterRole.Weight or ParameterRole.Bias && !parameter.Trainable)
        {
            json.WriteBoolean("trainable", false);
        }

        WriteType(parameter.Value.ElementType);
        if (withConstants && parameter.Role == ParameterRole.Constant)
        {
            json.WriteBase64String("elements", TensorBytes.Of(parameter.Value));
        }

        json.WriteEndObject();
    }

    private void WriteType(ElementType type)
    {
        if (type != ElementType.Float32)
        {
            json.WriteString("type", type.ToString().ToLowerInvariant());
        }
    }

    private void WriteNode(GraphNode node)
    {
        json.WriteStartObject();
        json.WriteString("name", node.Name);
        json.WriteString("operator", node.Operator.Kind);
        json.WritePropertyName("inputs");
        JsonText.WriteList(json, node.Inputs.Select(Reference));
        AttributeSet attributes = node.Operator.Attributes;
        if (attributes.Count > 0)
        {
            json.WritePropertyName("attributes");
            AttributeJson.Write(json, attributes);
        }

        json.WriteEndObject();
    }

    private void WriteOutput(GraphOutput output)
    {
        json.WriteStartObject();
        json.WriteString("name", output.Name);
        json.WritePropertyName("value");
        json.WriteRawValue(Reference(output.Value));
        WriteOrder(output.SourceOrder);
        json.WriteEndObject();
    }

    private string Reference(GraphValue? value)
    {
        if (value is null || !_ambiguous.Contains(value.Name))
        {
            return value is null ? "null" : JsonText.Quote(value.Name);
        }

        string kind = value.Input is not null ? "input" : value.Parameter is not null ? "parameter" : "node";
        string output = value.OutputIndex > 0 ? $", \"output\": {value.OutputIndex}" : "";
        return $"{{\"{kind}\": {JsonText.Quote(value.Producer?.Name ?? value.Name)}{output}}}";
    }
}
