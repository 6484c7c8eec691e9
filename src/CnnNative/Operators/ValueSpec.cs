// What is known of a value before anything runs: its shape and the type of its elements. Shape rules map the specs of inputs to
// those of outputs; memory plans are made of them.

namespace CnnNative.Operators;

/// <summary>The shape and element type of a value.</summary>
internal readonly record struct ValueSpec(Shape Shape, ElementType Type = ElementType.Float32)
{
    /// <summary>The bytes of one element.</summary>
    public int ElementSize => Type.Size();

    /// <summary>The bytes of all elements.</summary>
    public long Bytes => checked(Shape.ElementCount * ElementSize);

    /// <summary>Whether an element of the type is an element of a tensor, so that kernels which only move elements can move it.</summary>
    public static bool IsOfFourBytes(ElementType type) => type is ElementType.Float32 or ElementType.Int32;

    /// <summary>The spec of float32 elements.</summary>
    public static implicit operator ValueSpec(Shape shape) => new(shape);

    /// <summary>The shape, and the type where it is not float32.</summary>
    public override string ToString() => Type == ElementType.Float32 ? Shape.ToString() : $"{Shape} {Type}";
}
