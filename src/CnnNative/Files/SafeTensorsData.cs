// The elements after a safetensors header: what the public files and the project's own container share.
// Places were checked with the header; here it is only whether the file is as long as they say.

namespace CnnNative.Files;

internal static class SafeTensorsData
{
    /// <summary>A tensor's entry from byte <paramref name="end"/> on, which then is the byte after it.</summary>
    public static SafeTensorsEntry Describe(string name, Tensor tensor, ref long end)
    {
        long start = end;
        end += (long)tensor.ElementCount * sizeof(float);
        return new SafeTensorsEntry(name, ElementType.Float32, [.. tensor.Shape], start, end);
    }

    /// <summary>Writes the elements of a tensor.</summary>
    public static void Write(Stream stream, Tensor tensor)
    {
        using TensorAccess access = tensor.Access();
        ElementStream.Write(stream, access.Values);
    }

    /// <summary>Compares the length of the file with what its header asks for, where the stream knows it.</summary>
    /// <exception cref="InvalidDataException">They differ.</exception>
    public static void CheckLength(Stream stream, SafeTensorsHeader header, string file)
    {
        if (!stream.CanSeek)
            return;

        long expected = header.DataLength, found = stream.Length - stream.Position;
        if (found < expected)
        {
            SafeTensorsEntry missing = header.Entries.Where(entry => entry.End > found).MinBy(entry => entry.Start)!;
            throw new InvalidDataException(
                $"{file}: {found} bytes follow the header, expected {expected}; it is cut short from tensor '{missing.Name}' on.");
        }

        if (found > expected)
            throw Trailing(file);
    }

    /// <summary>Checks that nothing follows the last tensor.</summary>
    /// <exception cref="InvalidDataException">Something does.</exception>
    public static void CheckEnd(Stream stream, string file)
    {
        Span<byte> next = stackalloc byte[1];
        if (stream.Read(next) != 0)
            throw Trailing(file);
    }

    /// <summary>Reads a tensor at the stream's position, as float32.</summary>
    /// <exception cref="InvalidDataException">There is no tensor of such a shape, or the stream ends too early.</exception>
    public static Tensor ReadTensor(Stream stream, SafeTensorsEntry entry, string file)
    {
        Tensor tensor = Tensor.Uninitialized(entry.ToShape(file));
        try
        {
            using TensorAccess access = tensor.Access();
            ElementStream.Read(stream, entry.Type, access.Values);
            return tensor;
        }
        catch (EndOfStreamException error)
        {
            tensor.Dispose();
            throw new InvalidDataException($"{file}: the file ends within tensor '{entry.Name}'; it is cut short.", error);
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    private static InvalidDataException Trailing(string file) =>
        new($"{file}: there are bytes after the last tensor, which the safetensors format does not allow.");
}
