// The names that a node can see: those of its graph, and of the graphs around it. In the body of a function also the attributes
// of the call.

using CnnNative.Onnx.Schema;

namespace CnnNative.Onnx.Importing;

/// <summary>Values by name.</summary>
/// <param name="parent">The graph around; null for none.</param>
/// <param name="opsets">The versions of operator sets that count here.</param>
/// <param name="prefix">What stands before names.</param>
/// <param name="depth">How many calls of functions lead here.</param>
internal sealed class Scope(Scope? parent, IReadOnlyDictionary<string, long> opsets, string prefix = "", int depth = 0)
{
    private readonly Dictionary<string, Operand> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AttributeProto> _attributes = new(StringComparer.Ordinal);

    /// <summary>The versions of operator sets that count here.</summary>
    public IReadOnlyDictionary<string, long> Opsets => opsets;

    /// <summary>What stands before names, so that those of different calls differ.</summary>
    public string Prefix => prefix;

    /// <summary>How deep graphs are nested here.</summary>
    public int Depth { get; } = parent is null ? depth : parent.Depth + 1;

    /// <summary>Gives a name a value.</summary>
    public void Set(string name, Operand value) => _values[name] = value;

    /// <summary>Gives an attribute of a call.</summary>
    public void Set(string name, AttributeProto attribute) => _attributes[name] = attribute;

    /// <summary>The value of a name; null if nobody has given it.</summary>
    public Operand? Find(string name) => _values.TryGetValue(name, out Operand? value) ? value : parent?.Find(name);

    /// <summary>An attribute of the call; null if it is not given.</summary>
    public AttributeProto? Attribute(string name) =>
        _attributes.TryGetValue(name, out AttributeProto? attribute) ? attribute : parent?.Attribute(name);
}
