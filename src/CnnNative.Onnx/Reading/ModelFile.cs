// An ONNX file without its weights: what Protocol Buffers would copy into memory, for large weights as well, is taken apart here
// by the rules of the format, so that the message which is parsed has the structure and the weights stay in the file.
// Source: Protocol Buffers documentation, "Encoding".

using Microsoft.Win32.SafeHandles;

namespace CnnNative.Onnx.Reading;

/// <summary>Takes a file apart.</summary>
internal sealed class ModelFile
{
    /// <summary>Smaller tensors are rarely weights, and reading each on its own would take longer than keeping them.</summary>
    private const int LeastBytes = 4096;

    private const int ModelGraph = 7, GraphInitializer = 5, TensorRawData = 9;
    private const int Varint = 0, Fixed64 = 1, Delimited = 2, Fixed32 = 5;
    private const int BufferBytes = 1 << 16;

    private readonly SafeFileHandle _file;
    private readonly List<FileRange?> _weights = [];
    private readonly byte[] _buffer = new byte[BufferBytes];
    private long _bufferStart;
    private int _bufferLength;
    private long _position;

    private ModelFile(SafeFileHandle file) => _file = file;

    /// <summary>Takes a file apart.</summary>
    /// <param name="file">The file.</param>
    /// <param name="weights">For each initializer, in the order of the file, where its elements are; null where they are in the
    /// message.</param>
    /// <returns>The message; null where the file is not built as the format says.</returns>
    public static MemoryStream? TryRead(SafeFileHandle file, out IReadOnlyList<FileRange?> weights)
    {
        ModelFile model = new(file);
        weights = model._weights;
        MemoryStream message = new();
        return model.CopyMessage(RandomAccess.GetLength(file), message, ModelGraph, model.CopyGraph) ? message : null;
    }

    private delegate bool CopyField(long end, MemoryStream target);

    private bool CopyGraph(long end, MemoryStream target)
    {
        MemoryStream graph = new();
        if (!CopyMessage(end, graph, GraphInitializer, CopyInitializer))
        {
            return false;
        }

        WriteDelimited(target, ModelGraph, graph);
        return true;
    }

    private bool CopyInitializer(long end, MemoryStream target)
    {
        _weights.Add(null);
        MemoryStream tensor = new();
        if (!CopyMessage(end, tensor, TensorRawData, (rawEnd, stored) =>
            {
                long length = rawEnd - _position;
                FileRange range = new(_file, _position, length);
                _weights[^1] = length >= LeastBytes ? range : null;
                if (length >= LeastBytes)
                {
                    _position = rawEnd;
                    return true;
                }

                WriteTag(stored, TensorRawData, length);
                return CopyBytes(length, stored);
            }))
        {
            return false;
        }

        WriteDelimited(target, GraphInitializer, tensor);
        return true;
    }

    /// <summary>Copies a message field by field, but for one kind of field, which is somebody else's.</summary>
    private bool CopyMessage(long end, MemoryStream target, int special, CopyField copySpecial)
    {
        while (_position < end)
        {
            if (!TryReadVarint(end, out ulong tag))
            {
                return false;
            }

            int kind = (int)(tag & 7);
            ulong field = tag >> 3;
            if (kind == Delimited)
            {
                if (!TryReadVarint(end, out ulong length) || length > (ulong)(end - _position))
                {
                    return false;
                }

                if (field == (ulong)special)
                {
                    if (!copySpecial(_position + (long)length, target))
                    {
                        return false;
                    }

                    continue;
                }

                WriteVarint(target, tag);
                WriteVarint(target, length);
                if (!CopyBytes((long)length, target))
                {
                    return false;
                }

                continue;
            }

            WriteVarint(target, tag);
            if (!CopyNumber(kind, end, target))
            {
                return false;
            }
        }

        return _position == end;
    }

    private bool CopyNumber(int kind, long end, MemoryStream target)
    {
        switch (kind)
        {
            case Varint:
                if (!TryReadVarint(end, out ulong value))
                {
                    return false;
                }

                WriteVarint(target, value);
                return true;
            case Fixed64:
                return end - _position >= sizeof(ulong) && CopyBytes(sizeof(ulong), target);
            case Fixed32:
                return end - _position >= sizeof(uint) && CopyBytes(sizeof(uint), target);
            default:
                return false;
        }
    }

    private bool CopyBytes(long count, MemoryStream target)
    {
        while (count > 0)
        {
            ReadOnlySpan<byte> available = Available();
            if (available.IsEmpty)
            {
                return false;
            }

            available = available[..(int)Math.Min(count, available.Length)];
            target.Write(available);
            _position += available.Length;
            count -= available.Length;
        }

        return true;
    }

    private bool TryReadVarint(long end, out ulong value)
    {
        const int MostBits = 64, BitsOfAByte = 7;
        value = 0;
        for (int shift = 0; shift < MostBits && _position < end; shift += BitsOfAByte)
        {
            ReadOnlySpan<byte> available = Available();
            if (available.IsEmpty)
            {
                return false;
            }

            byte next = available[0];
            _position++;
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What follows in the file; empty at its end.</summary>
    private ReadOnlySpan<byte> Available()
    {
        if (_position < _bufferStart || _position >= _bufferStart + _bufferLength)
        {
            _bufferStart = _position;
            _bufferLength = RandomAccess.Read(_file, _buffer, _position);
        }

        return _buffer.AsSpan((int)(_position - _bufferStart), (int)(_bufferStart + _bufferLength - _position));
    }

    private static void WriteDelimited(MemoryStream target, int field, MemoryStream content)
    {
        WriteTag(target, field, content.Length);
        content.WriteTo(target);
    }

    private static void WriteTag(MemoryStream target, int field, long length)
    {
        WriteVarint(target, (ulong)field << 3 | Delimited);
        WriteVarint(target, (ulong)length);
    }

    private static void WriteVarint(MemoryStream target, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            target.WriteByte((byte)(value | 0x80));
        }

        target.WriteByte((byte)value);
    }
}
