// Which field of the data goes where in the network. Names decide where all of them are known on both sides, else the order does;
// what does not fit is found before the first step.

namespace CnnNative.Training;

/// <summary>The fields of a batch in the order of a network's inputs and of its outputs with a loss.</summary>
internal sealed class FieldMap
{
    private readonly int[] _inputs;
    private readonly int[] _targets;

    private FieldMap(int[] inputs, int[] targets)
    {
        _inputs = inputs;
        _targets = targets;
        Inputs = new Tensor[inputs.Length];
        Targets = new Tensor[targets.Length];
    }

    /// <summary>The inputs of the last batch that was taken.</summary>
    public Tensor[] Inputs { get; }

    /// <summary>The targets of the last batch that was taken.</summary>
    public Tensor[] Targets { get; }

    /// <summary>Makes the map.</summary>
    /// <exception cref="ShapeException">A field does not fit an input.</exception>
    /// <exception cref="ArgumentException">The numbers of fields differ.</exception>
    public static FieldMap Create(Graph graph, IReadOnlyList<string> outputs, DataSchema schema)
    {
        int[] inputs = Match("input", [.. graph.Inputs.Select(input => input.Name)], schema.Inputs, exact: true);
        int[] targets = Match("output with a loss", outputs, schema.Targets, exact: false);
        for (int i = 0; i < inputs.Length; i++)
        {
            GraphInput input = graph.Inputs[i].Input!;
            DataField field = schema.Inputs[inputs[i]];
            if (field.Shape.Rank + 1 > Shape.MaxRank || !input.Accepts(new Shape([1, .. field.Shape.ToArray()])))
            {
                throw new ShapeException(
                    $"The data does not fit the network: its '{field.Name}' is {field.Shape} for each sample, " +
                    $"the input '{input.Name}' is {string.Join(" x ", input.Dimensions)}.");
            }
        }

        return new FieldMap(inputs, targets);
    }

    /// <summary>The field that an input is given.</summary>
    public int InputOf(int input) => _inputs[input];

    /// <summary>The field that is the target of an output.</summary>
    public int TargetOf(int output) => _targets[output];

    /// <summary>Takes the tensors of a batch.</summary>
    public void Take(Batch batch)
    {
        IReadOnlyList<Tensor> inputs = batch.Inputs, targets = batch.Targets;
        for (int i = 0; i < _inputs.Length; i++)
        {
            Inputs[i] = inputs[_inputs[i]];
        }

        for (int i = 0; i < _targets.Length; i++)
        {
            Targets[i] = targets[_targets[i]];
        }
    }

    private static int[] Match(string what, IReadOnlyList<string> names, IReadOnlyList<DataField> fields, bool exact)
    {
        int[] named = [.. names.Select(name => IndexOf(fields, name))];
        if (named.All(index => index >= 0) && (!exact || names.Count == fields.Count))
        {
            return named;
        }

        if (names.Count != fields.Count)
        {
            throw new ArgumentException(
                $"The data does not fit the network: it has {fields.Count} fields " +
                $"({string.Join(", ", fields.Select(field => field.Name))}) " +
                $"for {names.Count} of the kind {what} ({string.Join(", ", names)}); " +
                "expected one for each, or fields of the same names.");
        }

        return [.. Enumerable.Range(0, names.Count)];
    }

    private static int IndexOf(IReadOnlyList<DataField> fields, string name)
    {
        for (int i = 0; i < fields.Count; i++)
        {
            if (fields[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }
}
