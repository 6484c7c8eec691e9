// Weights that stay in their file until they are wanted. A file is read at places, not mapped: one that is cut off meanwhile
// then gives an error, where a mapped one would end the process.

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static CnnNative.Onnx.Schema.TensorProto.Types;

namespace CnnNative.Onnx.Reading;

/// <summary>A part of a file.</summary>
/// <param name="File">The file, which whoever opened it closes.</param>
/// <param name="Offset">Where the part begins.</param>
/// <param name="Length">Its bytes, which were in the file when it was opened.</param>
internal readonly record struct FileRange(SafeFileHandle File, long Offset, long Length);

/// <summary>Reads the elements of a tensor that is stored as floating-point numbers, as float32.</summary>
internal sealed class WeightSource : TensorSource
{
    private readonly FileRange _range;
    private readonly DataType _type;
    private readonly string _where;
    private readonly int _sizeInFile;

    /// <summary>Makes a source, which keeps the file open.</summary>
    public WeightSource(FileRange range, DataType type, string where)
    {
        _range = range;
        _type = type;
        _where = where;
        _sizeInFile = ElementTypeMap.SizeInFile((int)type);
        bool added = false;
        range.File.DangerousAddRef(ref added);
    }

    public override long Bytes => _range.Length / _sizeInFile * sizeof(float);

    public override long Unit => sizeof(float);

    public override void Read(long offset, Span<byte> target, Span<byte> staging)
    {
        if (_type == DataType.Float)
        {
            ReadFile(offset, target);
            return;
        }

        Span<float> values = MemoryMarshal.Cast<byte, float>(target);
        long element = offset / sizeof(float);
        for (int most = staging.Length / _sizeInFile; !values.IsEmpty;)
        {
            int count = Math.Min(most, values.Length);
            Span<byte> stored = staging[..(count * _sizeInFile)];
            ReadFile(element * _sizeInFile, stored);
            TensorReader.Widen(stored, _type, values[..count]);
            values = values[count..];
            element += count;
        }
    }

    public override void Dispose() => _range.File.DangerousRelease();

    private void ReadFile(long offset, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            int read = RandomAccess.Read(_range.File, target, _range.Offset + offset);
            if (read == 0)
            {
                throw new CnnFormatException($"{_where}: the file is shorter than it was when it was opened.");
            }

            target = target[read..];
            offset += read;
        }
    }
}
