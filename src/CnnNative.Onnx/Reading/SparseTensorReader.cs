// Sparse weights: the elements that are not zero with their places. They become ordinary tensors.

using CnnNative.Onnx.Schema;
using CnnNative.Operators;

namespace CnnNative.Onnx.Reading;

internal static class SparseTensorReader
{
    /// <summary>The most elements that a sparse tensor may unfold to: a few stored ones could otherwise claim all
    /// memory.</summary>
    private const long MaxElements = 1L << 28;

    /// <summary>Reads and unfolds a sparse tensor of float32.</summary>
    /// <exception cref="CnnFormatException">It is not whole, or of another type.</exception>
    public static Tensor Read(SparseTensorProto proto, string where, ExternalData external)
    {
        if (proto.Values is null || proto.Indices is null)
        {
            throw new CnnFormatException($"{where}: values or indices are missing.");
        }

        Shape shape = TensorReader.ShapeOf(proto.Dims, where);
        if (shape.ElementCount > MaxElements)
        {
            throw new CnnFormatException(
                $"{where}: the tensor would have {shape.ElementCount} elements, expected at most {MaxElements}.");
        }

        using Tensor values = TensorReader.Read(proto.Values, where, external);
        using Tensor indices = TensorReader.Read(proto.Indices, where, external);
        if (values.ElementType != ElementType.Float32 || indices.ElementType != ElementType.Int64)
        {
            throw new CnnFormatException(
                $"{where}: values are {values.ElementType}, indices {indices.ElementType}; expected Float32 and Int64.");
        }

        long[] places = indices.ToArray<long>();
        int depth = indices.Shape.Rank > 1 ? indices.Shape[1] : 1;
        if (places.Length != values.ElementCount * depth || (depth != 1 && depth != shape.Rank))
        {
            throw new CnnFormatException(
                $"{where}: {values.ElementCount} values have {places.Length} indices, which do not fit together.");
        }

        float[] elements = values.ToArray(), all = new float[shape.ElementCount];
        int[] strides = RowLoop.DenseStrides(shape.ToArray());
        for (int i = 0; i < elements.Length; i++)
        {
            long at = 0;
            for (int d = 0; d < depth; d++)
            {
                at += places[i * depth + d] * (depth == 1 ? 1 : strides[d]);
            }

            all[at >= 0 && at < all.Length ? at : throw new CnnFormatException(
                $"{where}: an index is {at}, outside the tensor.")] = elements[i];
        }

        return Tensor.FromSpan(all, shape);
    }
}
