// Tensors as .npy files, the format of numpy.save, so that filters and results travel to and from Python without any library.
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html (versions 1.0 to 3.0).

using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace CnnNative;

/// <summary>Reads and writes tensors as NumPy's .npy files.</summary>
public static partial class NpyFile
{
    private const int MaxHeader = 1 << 16;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads an array of floating-point numbers, whole numbers of 8 to 64 bits or truth values; the elements become
    /// float32, rounded to the nearest.</summary>
    /// <param name="path">The file.</param>
    /// <returns>A tensor that the caller disposes. An array without dimensions becomes a scalar.</returns>
    /// <exception cref="InvalidDataException">The file is not a .npy file, is cut short, or holds a type or an element order
    /// that is not supported.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Tensor Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Read(stream, path);
    }

    /// <summary>Reads an array as <see cref="Read(string)"/> does, but elements keep their type: whole numbers, truth values and
    /// float64 stay what they are, and float16 alone becomes float32.</summary>
    /// <param name="path">The file.</param>
    /// <returns>A tensor that the caller disposes.</returns>
    /// <exception cref="InvalidDataException">See <see cref="Read(string)"/>.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Tensor ReadTyped(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Read(stream, path, stream.Length, keepsType: true);
    }

    /// <summary>Reads an array from a stream; see <see cref="Read(string)"/>.</summary>
    /// <param name="stream">The stream, at the first byte of the array.</param>
    /// <param name="name">What to call it in error messages.</param>
    /// <exception cref="InvalidDataException">See <see cref="Read(string)"/>.</exception>
    public static Tensor Read(Stream stream, string name = "stream")
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Read(stream, name, stream.CanSeek ? stream.Length - stream.Position : long.MaxValue);
    }

    /// <summary>Reads an array that has at most <paramref name="length"/> bytes, so that a header that asks for more allocates
    /// nothing.</summary>
    internal static Tensor Read(Stream stream, string name, long length, bool keepsType = false)
    {
        try
        {
            (string type, Shape shape) = ReadHeader(stream, name);
            return ReadElements(stream, name, type, shape, length, keepsType);
        }
        catch (EndOfStreamException)
        {
            throw new InvalidDataException($"{name}: the .npy file ends before its last element; it is cut short.");
        }
    }

    /// <summary>Writes a tensor, its elements as what they are. An existing file is replaced only when everything was
    /// written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensor">The tensor.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        AtomicFile.Write(path, stream => Write(stream, tensor));
    }

    /// <summary>Writes a tensor to a stream, its elements as what they are.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="tensor">The tensor.</param>
    /// <exception cref="NotSupportedException">NumPy has no such elements (bfloat16).</exception>
    public static void Write(Stream stream, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensor);
        string dimensions = string.Join(", ", tensor.Shape) + (tensor.Shape.Rank == 1 ? "," : "");
        string type = tensor.ElementType.NumPyName()
            ?? throw new NotSupportedException($"NpyFile: NumPy has no elements of {tensor.ElementType}.");
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({dimensions}), }}";

        // The elements start at a multiple of 64 bytes, and the header ends with a line feed, as the format asks.
        int prefix = Magic.Length + 4;
        string padded = header.PadRight((prefix + header.Length + 1 + 63) / 64 * 64 - prefix - 1) + "\n";
        stream.Write(Magic);
        stream.Write([1, 0]);
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)padded.Length);
        stream.Write(length);
        stream.Write(Encoding.ASCII.GetBytes(padded));
        using TensorAccess<byte> access = tensor.AccessBytes();
        ElementStream.WriteRaw(stream, tensor.ElementType, access.Values);
    }

    private static (string Type, Shape Shape) ReadHeader(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[8];
        stream.ReadExactly(start);
        if (!start[..6].SequenceEqual(Magic))
        {
            throw new InvalidDataException($"{name}: the file does not start like a .npy file.");
        }

        if (start[6] is < 1 or > 3)
        {
            throw new InvalidDataException($"{name}: the .npy version is {start[6]}.{start[7]}, expected 1.0 to 3.0.");
        }

        Span<byte> length = stackalloc byte[4];
        length.Clear();
        stream.ReadExactly(start[6] == 1 ? length[..2] : length);
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(length);
        if (count > MaxHeader)
        {
            throw new InvalidDataException($"{name}: the .npy header has {count} bytes, expected at most {MaxHeader}.");
        }

        byte[] bytes = new byte[count];
        stream.ReadExactly(bytes);
        string header = Encoding.UTF8.GetString(bytes);
        Match type = TypePattern().Match(header), order = OrderPattern().Match(header), shape = ShapePattern().Match(header);
        if (!type.Success || !order.Success || !shape.Success)
        {
            throw new InvalidDataException($"{name}: the .npy header lacks descr, fortran_order or shape: {header.Trim()}");
        }

        Shape dimensions = ParseShape(shape.Groups[1].Value, name);
        return order.Groups[1].Value == "True" && dimensions.Rank > 1
            ? throw new InvalidDataException($"{name}: the array is in Fortran order, expected C order (numpy.ascontiguousarray).")
            : (type.Groups[1].Value, dimensions);
    }

    private static Shape ParseShape(string text, string name)
    {
        string[] parts = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        int[] dimensions = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out dimensions[i]))
            {
                throw new InvalidDataException($"{name}: dimension {i} of the array is '{parts[i]}', expected a whole number below 2^31.");
            }
        }

        try
        {
            return new Shape(dimensions);
        }
        catch (ShapeException error)
        {
            throw new InvalidDataException($"{name}: the array's shape ({text}) is not one of a tensor. {error.Message}", error);
        }
    }

    private static Tensor ReadElements(Stream stream, string name, string description, Shape shape, long length, bool keepsType)
    {
        ElementType type = ElementTypes.FromNumPy(description) ?? throw new InvalidDataException(
            $"{name}: the elements are '{description}', expected float32 ('<f4'), float64, float16, whole numbers or truth "
            + "values.");
        if (shape.ElementCount > length / type.Size())
        {
            throw new EndOfStreamException();
        }

        if (shape.ElementCount > int.MaxValue)
        {
            throw new InvalidDataException($"{name}: the array's shape {shape} has more elements than a tensor, {int.MaxValue}.");
        }

        bool isRaw = keepsType && type != ElementType.Float16;
        Tensor tensor = Tensor.Uninitialized(shape, isRaw ? type : ElementType.Float32);
        try
        {
            if (isRaw)
            {
                using TensorAccess<byte> bytes = tensor.AccessBytes();
                ElementStream.ReadRaw(stream, type, bytes.Values);
                return tensor;
            }

            using TensorAccess access = tensor.Access();
            ElementStream.Read(stream, type, access.Values);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    [GeneratedRegex(@"'descr'\s*:\s*'([^']*)'")]
    private static partial Regex TypePattern();

    [GeneratedRegex(@"'fortran_order'\s*:\s*(True|False)")]
    private static partial Regex OrderPattern();

    [GeneratedRegex(@"'shape'\s*:\s*\(([^)]*)\)")]
    private static partial Regex ShapePattern();
}
