// What is known of a value before anything runs: its shape and the type of its elements. Shape rules map the specs of inputs to
// those of outputs; memory plans are made of them.

namespace CnnNative.Operators;

/// <summary>The shape and element type of a value.</summary>
internal readonly record struct ValueSpec(Shape Shape, ElementType Type = ElementType.Float32)
{
    /// <summary>The bytes of one element.</summary>
    public int ElementSize => Type switch
    {
        ElementType.Int64 => sizeof(long),
        ElementType.Bool or ElementType.UInt8 or ElementType.Int8 => sizeof(byte),
        _ => sizeof(float),
    };

    /// <summary>The bytes of all elements.</summary>
    public long Bytes => checked(Shape.ElementCount * ElementSize);

    /// <summary>The shape of a tensor that holds the elements: this one, but for integers of 64 bits, which take two elements
    /// each, and for bytes, of which one element holds four.</summary>
    public Shape TensorShape => Type switch
    {
        ElementType.Float32 or ElementType.Int32 => Shape,
        _ => checked((int)((Bytes + sizeof(float) - 1) / sizeof(float))),
    };

    /// <summary>Whether an element of the type is an element of a tensor, so that kernels which only move elements can move
    /// it.</summary>
    public static bool IsOfFourBytes(ElementType type) => type is ElementType.Float32 or ElementType.Int32;

    /// <summary>The spec of float32 elements.</summary>
    public static implicit operator ValueSpec(Shape shape) => new(shape);

    /// <summary>The shape, and the type where it is not float32.</summary>
    public override string ToString() => Type == ElementType.Float32 ? Shape.ToString() : $"{Shape} {Type}";
}
