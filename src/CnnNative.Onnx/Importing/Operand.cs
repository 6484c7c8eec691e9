// A value while a model is imported: something that the graph computes, or a constant that is known already, with its layout.

namespace CnnNative.Onnx.Importing;

/// <summary>A value of an ONNX graph.</summary>
internal sealed class Operand
{
    private Operand(string name, ElementType type, DimLayout layout, GraphValue? value, Tensor? constant)
    {
        Name = name;
        Type = type;
        Layout = layout;
        Value = value;
        Constant = constant;
    }

    /// <summary>Its name, for messages.</summary>
    public string Name { get; }

    /// <summary>The type of its elements.</summary>
    public ElementType Type { get; }

    /// <summary>How its dimensions lie in memory.</summary>
    public DimLayout Layout { get; }

    /// <summary>The value in the graph; null for a constant.</summary>
    public GraphValue? Value { get; }

    /// <summary>The elements in the order of memory; null for what the graph computes.</summary>
    public Tensor? Constant { get; }

    /// <summary>The name of the initializer that it is; null for anything else.</summary>
    public string? Initializer { get; init; }

    /// <summary>The shape as ONNX sees it.</summary>
    public Shape Shape => Layout.Shape;

    /// <summary>The number of dimensions.</summary>
    public int Rank => Layout.Dims.Length;

    /// <summary>What the graph computes.</summary>
    public static Operand Of(GraphValue value, ElementType type, DimLayout layout) => new(value.Name, type, layout, value, null);

    /// <summary>A constant.</summary>
    public static Operand Of(string name, Tensor constant) =>
        new(name, constant.ElementType, DimLayout.Plain(constant.Shape), null, constant);

    /// <summary>The same constant, known by the name of its initializer.</summary>
    public Operand AsInitializer(string name) => new(Name, Type, Layout, Value, Constant) { Initializer = name };

    /// <summary>The same memory seen in another way.</summary>
    public Operand With(DimLayout layout) => new(Name, Type, layout, Value, Constant) { Initializer = Initializer };
}
