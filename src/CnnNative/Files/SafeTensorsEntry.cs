// One tensor as the header of a safetensors file describes it, before any of its elements are read.

using System.Globalization;

namespace CnnNative.Files;

/// <summary>A tensor in a file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Dimensions">Its dimensions, each at least 0; none for a single element.</param>
/// <param name="Start">Where it begins, counted from the first byte after the header.</param>
/// <param name="End">The byte after its last one.</param>
internal sealed record SafeTensorsEntry(string Name, ElementType Type, long[] Dimensions, long Start, long End)
{
    public long ByteCount => End - Start;

    /// <summary>The dimensions as a tensor's shape.</summary>
    /// <exception cref="InvalidDataException">There is no tensor of such a shape.</exception>
    public Shape ToShape(string file)
    {
        if (Dimensions.Length <= Shape.MaxRank && Array.TrueForAll(Dimensions, size => size is >= 0 and <= int.MaxValue))
        {
            Shape shape = new([.. Dimensions.Select(size => (int)size)]);
            if (shape.ElementCount <= int.MaxValue)
                return shape;
        }

        throw new InvalidDataException(
            $"{file}: tensor '{Name}' has the shape ({string.Join(", ", Dimensions.Select(Text))}), expected at most "
            + $"{Shape.MaxRank} dimensions of at least 0 with at most {int.MaxValue} elements in all.");
    }

    private static string Text(long size) => size.ToString(CultureInfo.InvariantCulture);
}
