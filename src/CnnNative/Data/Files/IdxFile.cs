// IDX, the format of MNIST (http://yann.lecun.com/exdb/mnist): two zero bytes, the type, the number of dimensions, each of them
// as a big-endian number of 32 bits, and the elements.

using System.Buffers.Binary;

namespace CnnNative;

/// <summary>Reads IDX files of unsigned bytes, plain or gzip-compressed.</summary>
public static class IdxFile
{
    private const byte UnsignedByte = 0x08;

    /// <summary>Reads an array.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The shape and the elements, row-major.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no IDX file of unsigned bytes, is cut short or corrupt, or announces more
    /// than it can hold.</exception>
    public static (Shape Shape, byte[] Elements) ReadBytes(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using Stream stream = PackedFile.Open(path, out long limit);
        return ReadBytes(stream, $"'{path}'", limit);
    }

    /// <summary>Reads an array from a stream that holds nothing else and at most <paramref name="limit"/> bytes.</summary>
    internal static (Shape Shape, byte[] Elements) ReadBytes(Stream stream, string name, long limit)
    {
        Shape shape = ReadHeader(stream, name);
        if (shape.ElementCount > Math.Min(limit, Array.MaxLength))
        {
            throw new InvalidDataException(
                $"{name}: the header announces {shape} = {shape.ElementCount} bytes, the file holds at most"
                + $" {Math.Min(limit, Array.MaxLength)}.");
        }

        byte[] elements = GC.AllocateUninitializedArray<byte>((int)shape.ElementCount);
        PackedFile.Fill(stream, elements, name, $"{shape} elements");
        PackedFile.ExpectEnd(stream, name, $"{shape} elements");
        return (shape, elements);
    }

    /// <summary>Reads pictures and their labels.</summary>
    /// <param name="imagesPath">A file of count x height x width pictures.</param>
    /// <param name="labelsPath">A file of as many labels.</param>
    /// <param name="classNames">The names of the classes.</param>
    /// <returns>A data set of gray pictures, height x width x 1, from 0 to 1. It keeps bytes in memory.</returns>
    /// <exception cref="InvalidDataException">A file is broken, or the two do not belong together.</exception>
    public static TensorDataset ReadDataset(string imagesPath, string labelsPath, IReadOnlyList<string> classNames)
    {
        ArgumentNullException.ThrowIfNull(classNames);
        (Shape shape, byte[] pixels) = ReadBytes(imagesPath);
        if (shape.Rank != 3)
        {
            throw new InvalidDataException($"'{imagesPath}': the array is {shape}, expected pictures: count x height x width.");
        }

        (Shape labelShape, byte[] labels) = ReadBytes(labelsPath);
        if (labelShape.Rank != 1 || labelShape[0] != shape[0])
        {
            throw new InvalidDataException(
                $"'{labelsPath}': there are {labelShape} labels, expected {shape[0]}, as many as pictures in '{imagesPath}'.");
        }

        int wrong = labels.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)Math.Min(classNames.Count - 1, byte.MaxValue));
        return wrong < 0
            ? TensorDataset.FromBytes(pixels, (shape[1], shape[2], 1), labels, classNames, 255, Path.GetFileName(imagesPath))
            : throw new InvalidDataException(
                $"'{labelsPath}': label {wrong} is {labels[wrong]}, expected 0 to {classNames.Count - 1}.");
    }

    private static Shape ReadHeader(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[4];
        PackedFile.Fill(stream, start, name, "header");
        if (start is not [0, 0, UnsignedByte, >= 1 and <= Shape.MaxRank])
        {
            throw new InvalidDataException(
                $"{name}: the file starts with the bytes {Convert.ToHexString(start)}, expected 00000801 to"
                + $" 0000080{Shape.MaxRank}: an IDX file of unsigned bytes.");
        }

        Span<byte> sizes = stackalloc byte[4 * Shape.MaxRank];
        sizes = sizes[..(4 * start[3])];
        PackedFile.Fill(stream, sizes, name, "header");
        Span<int> dimensions = stackalloc int[start[3]];
        for (int i = 0; i < dimensions.Length; i++)
        {
            uint size = BinaryPrimitives.ReadUInt32BigEndian(sizes[(4 * i)..]);
            if (size is 0 or > int.MaxValue)
            {
                throw new InvalidDataException($"{name}: dimension {i} is {size}, expected 1 to {int.MaxValue}.");
            }

            dimensions[i] = (int)size;
        }

        try
        {
            return new Shape(dimensions);
        }
        catch (ShapeException error)
        {
            throw new InvalidDataException($"{name}: {error.Message}", error);
        }
    }
}
