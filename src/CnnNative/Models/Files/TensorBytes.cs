// The elements of a tensor of any type as bytes, little-endian on every machine: constants in descriptions, and those of other
// types than float32 in model files.

namespace CnnNative.Models;

internal static class TensorBytes
{
    /// <summary>The elements as bytes.</summary>
    public static byte[] Of(Tensor tensor)
    {
        using TensorAccess<byte> access = tensor.AccessBytes();
        byte[] bytes = access.Values.ToArray();
        Swap(bytes, tensor.ElementType.Size());
        return bytes;
    }

    /// <summary>A tensor of such bytes; the caller disposes it.</summary>
    /// <exception cref="FormatException">There are more or fewer bytes than elements need.</exception>
    public static Tensor ToTensor(byte[] bytes, Shape shape, ElementType type)
    {
        long expected = shape.ElementCount * type.Size();
        if (bytes.Length != expected)
        {
            throw new FormatException($"there are {bytes.Length} bytes of elements, expected {expected} for {shape} {type}.");
        }

        Tensor tensor = Tensor.Uninitialized(shape, type);
        using TensorAccess<byte> access = tensor.AccessBytes();
        bytes.CopyTo(access.Values);
        Swap(access.Values, type.Size());
        return tensor;
    }

    private static void Swap(Span<byte> bytes, int size)
    {
        for (int i = 0; !BitConverter.IsLittleEndian && i < bytes.Length; i += size)
        {
            bytes.Slice(i, size).Reverse();
        }
    }
}
