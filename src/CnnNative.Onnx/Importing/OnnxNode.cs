// One node of an ONNX graph as its mapping sees it: attributes with their defaults, inputs that may be missing, and the values of
// those inputs that were attributes in older operator sets.

using CnnNative.Onnx.Reading;
using CnnNative.Onnx.Schema;
using CnnNative.Operators;

namespace CnnNative.Onnx.Importing;

/// <summary>A node during an import.</summary>
internal sealed class OnnxNode(Importer importer, NodeProto proto, Operand?[] inputs, int opset, Scope scope)
{
    /// <summary>The most elements of an input that decides about shapes.</summary>
    private const int MaxKnown = 1 << 22;

    /// <summary>The importer.</summary>
    public Importer Importer => importer;

    /// <summary>The graph that is written.</summary>
    public GraphAssembler Graph => importer.Assembler;

    /// <summary>The names that the node sees.</summary>
    public Scope Scope => scope;

    /// <summary>The operator's name.</summary>
    public string Kind => proto.OpType;

    /// <summary>The version of the operator set.</summary>
    public int Opset => opset;

    /// <summary>The node's name, or that of its first output.</summary>
    public string Name => proto.Name.Length > 0 ? proto.Name
        : proto.Output.FirstOrDefault(name => name.Length > 0) ?? proto.OpType;

    /// <summary>How many inputs are listed.</summary>
    public int InputCount => inputs.Length;

    /// <summary>How many outputs are listed.</summary>
    public int OutputCount => proto.Output.Count;

    /// <summary>The inputs.</summary>
    public IReadOnlyList<Operand?> Inputs => inputs;

    /// <summary>Whether an output is read by anybody.</summary>
    public bool HasOutput(int index) => index < proto.Output.Count && proto.Output[index].Length > 0;

    /// <summary>The name of an output.</summary>
    public string OutputName(int index) => proto.Output[index];

    /// <summary>Whether an input is there.</summary>
    public bool Has(int index) => index < inputs.Length && inputs[index] is not null;

    /// <summary>An input that must be there.</summary>
    public Operand Input(int index) => Optional(index) ?? throw Wrong($"input {index} is missing");

    /// <summary>An input, or null.</summary>
    public Operand? Optional(int index) => index < inputs.Length ? inputs[index] : null;

    /// <summary>All inputs that are there.</summary>
    public Operand[] AllInputs() => [.. inputs.Select((input, i) => input ?? throw Wrong($"input {i} is missing"))];

    /// <summary>An error that names the node.</summary>
    public CnnFormatException Wrong(string message) =>
        new($"{importer.Model.Name}: node '{Name}' ({Kind}, opset {opset}): {message}.");

    /// <summary>What the node needs is not there, though the operator is.</summary>
    public OnnxUnsupportedException Unsupported(string what) =>
        new($"{importer.Model.Name}: node '{Name}' ({Kind}, opset {opset}): {what} is not supported.");

    /// <summary>Whether an attribute is given.</summary>
    public bool HasAttribute(string name) => Find(name) is not null;

    /// <summary>A whole number.</summary>
    public int Int(string name, int absent) => Clamp(Long(name, absent));

    /// <summary>A whole number of 64 bits.</summary>
    /// <remarks>The first operator sets wrote some of them as floating-point numbers.</remarks>
    public long Long(string name, long absent) => Find(name) is not { } attribute ? absent
        : attribute.Type == AttributeProto.Types.AttributeType.Float ? (long)attribute.F
        : attribute.I;

    /// <summary>A flag.</summary>
    public bool Flag(string name, bool absent = false) => Long(name, absent ? 1 : 0) != 0;

    /// <summary>A number.</summary>
    public float Float(string name, float absent) => Find(name) is { } attribute ? attribute.F : absent;

    /// <summary>A text.</summary>
    public string Text(string name, string absent) => Find(name) is { } attribute ? attribute.S.ToStringUtf8() : absent;

    /// <summary>A list of whole numbers; null where it is not given.</summary>
    public int[]? Ints(string name) => Find(name) is { } attribute ? [.. attribute.Ints.Select(Clamp)] : null;

    /// <summary>A list of whole numbers of 64 bits; null where it is not given.</summary>
    public long[]? Longs(string name) => Find(name) is { } attribute ? [.. attribute.Ints] : null;

    /// <summary>A list of numbers; null where it is not given.</summary>
    public float[]? Floats(string name) => Find(name) is { } attribute ? [.. attribute.Floats] : null;

    /// <summary>A tensor, which the import owns; null where it is not given.</summary>
    public Operand? TensorAttribute(string name)
    {
        if (Find(name) is not { } attribute)
        {
            return null;
        }

        string where = $"{importer.Model.Name}: node '{Name}': attribute '{name}'";
        return attribute.SparseTensor is { } sparse
            ? Graph.Constant(Name, SparseTensorReader.Read(sparse, where, importer.Model.External))
            : Graph.Constant(Name, TensorReader.Read(attribute.T ?? throw Wrong($"attribute '{name}' is no tensor"), where,
                importer.Model.External));
    }

    /// <summary>A graph; null where it is not given.</summary>
    public GraphProto? GraphAttribute(string name) => Find(name)?.G;

    /// <summary>Several texts; null where they are not given.</summary>
    public string[]? Texts(string name) => Find(name) is { } attribute
        ? [.. attribute.Strings.Select(text => text.ToStringUtf8())] : null;

    /// <summary>The elements of an input as whole numbers, which decide about shapes and so must be known.</summary>
    /// <exception cref="ValueNeededException">The graph computes it.</exception>
    public long[] KnownLongs(int index) => Known(index).ToLongs();

    /// <summary>The same, of 32 bits, cut off at their limits.</summary>
    public int[] KnownInts(int index) => [.. KnownLongs(index).Select(Clamp)];

    /// <summary>A whole number that an input is.</summary>
    public long KnownLong(int index)
    {
        long[] values = KnownLongs(index);
        return values.Length == 1 ? values[0] : throw Wrong($"input {index} has {values.Length} elements, expected one");
    }

    /// <summary>The elements of an input as numbers.</summary>
    public double[] KnownDoubles(int index) => Known(index).ToDoubles();

    /// <summary>The elements of an input, which must be known, and no more than are believed.</summary>
    /// <exception cref="ValueNeededException">The graph computes it.</exception>
    public Tensor Known(int index, long most = MaxKnown) => Input(index) is { Constant: { } constant } input
        ? constant.ElementCount > most
        ? throw Wrong($"input {index} decides about shapes with {constant.ElementCount} elements, expected at most {most}")
        : input.Layout.IsPlain ? constant : Graph.Plain(input).Parameter!.Value
        : throw new ValueNeededException(Input(index),
            $"node '{Name}' ({Kind}) needs the values of '{Input(index).Name}' to know its shape");

    /// <summary>Whole numbers that are an attribute in older operator sets and an input in newer ones; null where they are
    /// neither.</summary>
    public int[]? IntsFrom(string attribute, int input) => Has(input) ? KnownInts(input) : Ints(attribute);

    /// <summary>A dimension counted from the front.</summary>
    public int Axis(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw Wrong($"axis is {axis}, expected {-rank} to {rank - 1}");

    /// <summary>Dimensions counted from the front.</summary>
    public int[] Axes(IEnumerable<int> axes, int rank) => [.. axes.Select(axis => Axis(axis, rank))];

    /// <summary>Applies an operator to values of the graph.</summary>
    public Operand Apply(Operator operation, DimLayout? layout, params ReadOnlySpan<GraphValue?> inputs) =>
        Graph.ApplyOne(Name, operation, layout, inputs);

    /// <summary>Applies a function to values in ONNX's order.</summary>
    public Operand ApplyPlain(string kind, AttributeSet? attributes, params ReadOnlySpan<Operand?> operands)
    {
        GraphValue?[] values = new GraphValue?[operands.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = operands[i] is { } operand ? Graph.Plain(operand) : null;
        }

        return Graph.ApplyOne(Name, TypedFunctions.Operator(kind, attributes), null, values);
    }

    /// <summary>A number of 64 bits cut off at the limits of 32: sizes and positions beyond them stand for "to the
    /// end".</summary>
    private static int Clamp(long value) => (int)Math.Clamp(value, int.MinValue, int.MaxValue);

    private AttributeProto? Find(string name)
    {
        foreach (AttributeProto attribute in proto.Attribute)
        {
            if (attribute.Name == name)
            {
                return attribute.RefAttrName.Length == 0 ? attribute : scope.Attribute(attribute.RefAttrName);
            }
        }

        return null;
    }
}
