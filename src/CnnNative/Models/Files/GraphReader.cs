// From JSON to a graph. The text may have been written by hand or damaged on its way, so every property is checked, an unknown
// one is an error, and each message says where in the text it belongs.

using System.Text.Json;
using CnnNative.Graphs;
using CnnNative.Operators;

namespace CnnNative.Models;

/// <summary>What the text says of a parameter.</summary>
internal sealed record ParameterDeclaration(string Name, Shape Shape, ParameterRole Role, ElementType Type);

/// <summary>Reads one graph.</summary>
/// <param name="supply">Gives the tensor of a parameter, which then belongs to the graph.</param>
internal sealed class GraphReader(Func<ParameterDeclaration, Tensor> supply)
{
    private readonly Dictionary<string, GraphValue?> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GraphValue> _inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GraphValue> _parameters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GraphNode> _nodes = new(StringComparer.Ordinal);

    /// <summary>The initialisers that the text asks for.</summary>
    public Dictionary<Parameter, Initializer> Initializers { get; } = [];

    /// <summary>Reads an object.</summary>
    /// <exception cref="FormatException">Something is not as it should be; the message says what and where.</exception>
    public Graph Read(JsonElement element)
    {
        try
        {
            JsonFields fields = new(element, "graph");
            CheckVersion(fields.Integer("version"));
            List<GraphValue> inputs = [.. fields.List("inputs").Select(ReadInput)];
            foreach (JsonFields item in fields.List("parameters"))
            {
                ReadParameter(item);
            }

            foreach (JsonFields item in fields.List("nodes"))
            {
                ReadNode(item);
            }

            List<GraphOutput> outputs = [.. fields.List("outputs").Select(ReadOutput)];
            fields.RequireNoOthers();
            return Check(new Graph(inputs, outputs));
        }
        catch (Exception error)
        {
            foreach (GraphValue parameter in _parameters.Values)
            {
                parameter.Parameter!.Dispose();
            }

            // Names that are not unique and shapes that do not fit are found by the graph itself.
            if (error is ArgumentException or ShapeException)
            {
                throw new FormatException(error.Message, error);
            }

            throw;
        }
    }

    private static void CheckVersion(long version)
    {
        if (version is < 1 or > GraphJson.Version)
        {
            throw new FormatException(
                version > GraphJson.Version
                    ? $"graph: it was made by a newer version: it is {version}, this one reads up to {GraphJson.Version}."
                    : $"graph: its version is {version}, expected 1 to {GraphJson.Version}.");
        }
    }

    /// <summary>What can be found before anybody uses the graph: a parameter that nobody reads, and shapes that do not
    /// fit.</summary>
    private Graph Check(Graph graph)
    {
        HashSet<Parameter> used = [.. graph.Parameters];
        if (_parameters.Values.FirstOrDefault(value => !used.Contains(value.Parameter!)) is { } unused)
        {
            throw new FormatException($"graph: nothing that leads to an output reads the parameter '{unused.Name}'.");
        }

        if (graph.Inputs.All(input => input.Input!.Dimensions.All(d => !d.IsOpen || d == Dimension.Batch)))
        {
            _ = new GraphShapes(graph, GraphShapes.ForBatch(graph, 1));
        }

        return graph;
    }

    private GraphValue ReadInput(JsonFields fields)
    {
        string name = fields.Text("name");
        List<Dimension> dimensions = [];
        foreach (JsonElement item in fields.Array("shape"))
        {
            bool isOpen = item.ValueKind == JsonValueKind.String;
            dimensions.Add(isOpen ? Dimension.Open(item.GetString()!) : fields.Size("shape", item));
        }

        ElementType type = fields.Choice("type", ElementType.Float32);
        int[]? order = ReadOrder(fields, dimensions.Count);
        fields.RequireNoOthers();
        if (dimensions.Count > Shape.MaxRank)
        {
            throw fields.Error($"the shape has {dimensions.Count} dimensions, expected at most {Shape.MaxRank}.");
        }

        GraphValue value = new(new GraphInput(name, dimensions, type, order));
        if (!_inputs.TryAdd(name, value))
        {
            throw fields.Error("there is an input of that name already.");
        }

        Name(value);
        return value;
    }

    private void ReadParameter(JsonFields fields)
    {
        string name = fields.Text("name");
        int[] sizes = [.. fields.Array("shape").Select(item => fields.Size("shape", item))];
        ParameterRole role = fields.Choice("role", ParameterRole.Weight);
        bool trainable = fields.Flag("trainable", role is ParameterRole.Weight or ParameterRole.Bias);
        string? initializer = fields.OptionalText("initializer"), elements = fields.OptionalText("elements");
        ElementType type = fields.Choice("type", ElementType.Float32);
        fields.RequireNoOthers();
        if (type != ElementType.Float32 && role != ParameterRole.Constant)
        {
            throw fields.Error($"the type is {type}, expected float32 for what is trained.");
        }

        if (_parameters.ContainsKey(name))
        {
            throw fields.Error("there is a parameter of that name already.");
        }

        fields.Run(() =>
        {
            ParameterDeclaration declaration = new(name, new Shape(sizes), role, type);
            Tensor tensor = elements is null
                ? supply(declaration)
                : TensorBytes.ToTensor(Convert.FromBase64String(elements), declaration.Shape, type);
            GraphValue value = new(new Parameter(name, tensor, role));
            _parameters.Add(name, value);
            Name(value);
            if (trainable != value.Parameter!.Trainable)
            {
                value.Parameter.Trainable = trainable;
            }

            if (initializer is not null)
            {
                Initializers[value.Parameter] = InitializerText.Parse(initializer);
            }
        });
    }

    private void ReadNode(JsonFields fields)
    {
        string name = fields.Text("name"), kind = fields.Text("operator");
        GraphValue?[] inputs = [.. fields.Array("inputs").Select(item => ReadReference(fields, item))];
        JsonElement? attributes = fields.Optional("attributes");
        fields.RequireNoOthers();
        if (_nodes.ContainsKey(name))
        {
            throw fields.Error("there is a node of that name already.");
        }

        fields.Run(() =>
        {
            AttributeSet set = attributes is { } element ? AttributeJson.Read(element) : [];
            Operator operation = OperatorRegistry.Create(kind, set);
            RequireKnown(set, operation);
            GraphNode node = new(name, operation, inputs);
            _nodes.Add(name, node);
            foreach (GraphValue output in node.Outputs)
            {
                Name(output);
            }
        });
    }

    /// <summary>An attribute that the operator did not take is a slip of the pen.</summary>
    private static void RequireKnown(AttributeSet given, Operator operation)
    {
        foreach ((string name, AttributeValue value) in given)
        {
            bool isDefault = value.Kind == AttributeKind.Text && value.ToText() == nameof(ActivationKind.None);
            if (!operation.Attributes.TryGet(name, out _) && !isDefault)
            {
                string known = string.Join(", ", operation.Attributes.Select(pair => pair.Key));
                throw new FormatException(
                    $"{operation.Kind} has no attribute '{name}'; it has {(known.Length == 0 ? "none" : known)}.");
            }
        }
    }

    private GraphOutput ReadOutput(JsonFields fields)
    {
        string name = fields.Text("name");
        GraphValue? value = ReadReference(fields, fields.Required("value"));
        int[]? order = ReadOrder(fields, rank: null);
        fields.RequireNoOthers();
        return new GraphOutput(name, value ?? throw fields.Error("the value is null, expected the name of one."))
        {
            SourceOrder = order,
        };
    }

    private static int[]? ReadOrder(JsonFields fields, int? rank)
    {
        if (fields.Optional("source_order") is null)
        {
            return null;
        }

        int[]? order = null;
        fields.Run(() => order = SourceOrder.Check(
            [.. fields.Array("source_order").Select(item => fields.Size("source_order", item))], rank));
        return order;
    }

    private GraphValue? ReadReference(JsonFields owner, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.String:
                string name = element.GetString()!;
                return _byName.TryGetValue(name, out GraphValue? value)
                    ? value ?? throw owner.Error($"several values are called '{name}'; say which as in {{\"node\": \"{name}\"}}.")
                    : throw owner.Error($"it reads '{name}', which no input, parameter or earlier node is called.");
            case JsonValueKind.Object:
                return ReadReference(new JsonFields(element, owner.Where));
            default:
                throw owner.Error($"a value is {AttributeJson.Described(element)}, expected a name.");
        }
    }

    private GraphValue ReadReference(JsonFields fields)
    {
        string? input = fields.OptionalText("input"), parameter = fields.OptionalText("parameter");
        string? node = fields.OptionalText("node");
        int output = (int)Math.Clamp(fields.Integer("output", 0), -1, int.MaxValue);
        fields.RequireNoOthers();
        GraphValue? value = (input, parameter, node) switch
        {
            ({ } name, null, null) => _inputs.GetValueOrDefault(name),
            (null, { } name, null) => _parameters.GetValueOrDefault(name),
            (null, null, { } name) => _nodes.GetValueOrDefault(name)?.Outputs.ElementAtOrDefault(output),
            _ => throw fields.Error("a value has none or several of input, parameter and node, expected one."),
        };
        return value ?? throw fields.Error($"it reads '{input ?? parameter ?? node}', which is not there.");
    }

    /// <summary>Notes the name of a value; null where several have it.</summary>
    private void Name(GraphValue value)
    {
        if (!_byName.TryAdd(value.Name, value))
        {
            _byName[value.Name] = null;
        }
    }
}
