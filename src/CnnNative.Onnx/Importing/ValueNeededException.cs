// Thrown where an import cannot go on without the elements of a value that the graph computes: a shape that depends on data.
// Whoever runs the model computes the value with what was imported so far, and imports again.

namespace CnnNative.Onnx.Importing;

#pragma warning disable CA1032, CA1064 // Never leaves the library, and means nothing without the operand.
internal sealed class ValueNeededException(Operand operand, string message) : Exception(message)
#pragma warning restore CA1032, CA1064
{
    /// <summary>The value.</summary>
    public Operand Operand => operand;

    /// <summary>The inputs of the graph as it is so far; set by the importer.</summary>
    public IReadOnlyList<(GraphValue Value, OnnxPort Port)> Inputs { get; set; } = [];

    /// <summary>The name by which the model knows the value.</summary>
    public string Key { get; set; } = "";
}
