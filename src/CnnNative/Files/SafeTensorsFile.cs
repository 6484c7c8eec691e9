// Tensors as safetensors files, the format in which weights travel between frameworks: read and written without running any code
// of the file, in one pass and without a copy in managed memory. The header's rules are in SafeTensorsHeader.

using CnnNative.Files;

namespace CnnNative;

/// <summary>Reads and writes named tensors as safetensors files.</summary>
/// <remarks>Safe to call from several threads at once.</remarks>
public static class SafeTensorsFile
{
    /// <summary>Reads all tensors of a file.</summary>
    /// <param name="path">The file. Its elements may be floating-point numbers of 16, 32 or 64 bits, bfloat16, whole numbers or
    /// truth values; they become float32, rounded to the nearest.</param>
    /// <returns>The tensors in the order of the header; the caller disposes them. A tensor without dimensions becomes one with
    /// one element.</returns>
    /// <exception cref="InvalidDataException">The file breaks a rule of the format, is cut short, or holds a tensor of a type or
    /// shape that is not supported. The message names the file and the reason.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static TensorCollection Read(string path) => Read(path, out _);

    /// <summary>Reads all tensors and the metadata of a file; see <see cref="Read(string)"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="metadata">The texts that the file carries besides, in its order.</param>
    /// <exception cref="InvalidDataException">See <see cref="Read(string)"/>.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static TensorCollection Read(string path, out IReadOnlyDictionary<string, string> metadata)
    {
        using FileStream stream = File.OpenRead(path);
        return Read(stream, out metadata, path);
    }

    /// <summary>Reads all tensors and the metadata from a stream, to its end; see <see cref="Read(string)"/>.</summary>
    /// <param name="stream">The stream, at the first byte of the header.</param>
    /// <param name="metadata">The texts that the file carries besides, in its order.</param>
    /// <param name="name">What to call it in error messages.</param>
    /// <exception cref="InvalidDataException">See <see cref="Read(string)"/>.</exception>
    public static TensorCollection Read(Stream stream, out IReadOnlyDictionary<string, string> metadata, string name = "stream")
    {
        ArgumentNullException.ThrowIfNull(stream);
        var header = SafeTensorsHeader.Parse(SafeTensorsHeader.ReadBytes(stream, name), name);
        SafeTensorsData.CheckLength(stream, header, name);
        metadata = header.Metadata;
        Dictionary<string, Tensor> read = new(StringComparer.Ordinal);
        try
        {
            foreach (SafeTensorsEntry entry in header.Entries.OrderBy(entry => entry.Start))
                read.Add(entry.Name, SafeTensorsData.ReadTensor(stream, entry, name));
            SafeTensorsData.CheckEnd(stream, name);
            var tensors = new TensorCollection();
            foreach (SafeTensorsEntry entry in header.Entries)
                tensors.Add(entry.Name, read[entry.Name]);
            return tensors;
        }
        catch
        {
            foreach (Tensor tensor in read.Values)
                tensor.Dispose();
            throw;
        }
    }

    /// <summary>Writes tensors as float32. An existing file is replaced only when everything was written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">The tensors, which are written in this order.</param>
    /// <param name="metadata">Texts that the file carries besides; null for none.</param>
    /// <exception cref="ArgumentException">A tensor's name is "__metadata__", or a text is not valid Unicode.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(
        string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        AtomicFile.Write(path, stream => Write(stream, tensors, metadata));
    }

    /// <summary>Writes tensors as float32 to a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="tensors">The tensors, which are written in this order.</param>
    /// <param name="metadata">Texts that the file carries besides; null for none.</param>
    /// <exception cref="ArgumentException">A tensor's name is "__metadata__", or a text is not valid Unicode.</exception>
    public static void Write(
        Stream stream, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        long end = 0;
        List<SafeTensorsEntry> entries = [];
        foreach ((string name, Tensor tensor) in tensors)
            entries.Add(SafeTensorsData.Describe(name, tensor, ref end));
        stream.Write(SafeTensorsHeader.Format(entries, metadata ?? new Dictionary<string, string>()));
        foreach (Tensor tensor in tensors.Values)
            SafeTensorsData.Write(stream, tensor);
    }
}
