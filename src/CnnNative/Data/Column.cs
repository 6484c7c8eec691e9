// One field of all samples of an in-memory data set. Bytes stay bytes until they are read: MNIST takes 47 MB and not 188.

using System.Runtime.Intrinsics;

namespace CnnNative;

/// <summary>The values of one field, sample after sample.</summary>
internal abstract class Column(string name, Shape shape, int count)
{
    public DataField Field { get; } = new(name, shape);

    public int Count { get; } = count;

    protected int Size { get; } = (int)shape.ElementCount;

    public abstract void Read(int index, Span<float> values);

    /// <summary>The value of a field of shape 1.</summary>
    public float ReadOne(int index)
    {
        Span<float> value = stackalloc float[1];
        Read(index, value);
        return value[0];
    }

    /// <summary>How many samples so many values are.</summary>
    protected static int CountOf(long values, string name, Shape shape)
    {
        long size = shape.ElementCount;
        return size > 0 && values > 0 && values % size == 0
            ? checked((int)(values / size))
            : throw new ShapeException(
                $"TensorDataset: the field '{name}' has {values} values, expected a multiple of {size}, which a sample of"
                + $" {shape} has.");
    }
}

/// <summary>Values in memory of the caller's.</summary>
internal sealed class FloatColumn(string name, Shape shape, ReadOnlyMemory<float> values)
    : Column(name, shape, CountOf(values.Length, name, shape))
{
    public override void Read(int index, Span<float> values1) => values.Span.Slice(index * Size, Size).CopyTo(values1);
}

/// <summary>Values in a tensor; a view keeps its memory alive.</summary>
internal sealed class TensorColumn(string name, Shape shape, Tensor values) : Column(name, shape, values.Shape[0]), IDisposable
{
    private readonly Tensor _view = values.Slice(0, values.Shape[0]);

    public override void Read(int index, Span<float> values)
    {
        using TensorAccess access = _view.Access();
        access.Values.Slice(index * Size, Size).CopyTo(values);
    }

    public void Dispose() => _view.Dispose();
}

/// <summary>Bytes, which are divided by a number when they are read: the same values as of <c>Image.ToTensor</c>.</summary>
internal sealed class ByteColumn(string name, Shape shape, ReadOnlyMemory<byte> bytes, float divisor)
    : Column(name, shape, CountOf(bytes.Length, name, shape))
{
    public override void Read(int index, Span<float> values) => Scale(bytes.Span.Slice(index * Size, Size), divisor, values);

    public static void Scale(ReadOnlySpan<byte> bytes, float divisor, Span<float> values)
    {
        int i = 0;
        for (; i <= bytes.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            Vector256<ushort> words = Vector256.WidenLower(Vector128.Create(bytes[i..]).ToVector256());
            Vector256<float> low = Vector256.ConvertToSingle(Vector256.WidenLower(words).AsInt32());
            Vector256<float> high = Vector256.ConvertToSingle(Vector256.WidenUpper(words).AsInt32());
            (low / Vector256.Create(divisor)).CopyTo(values[i..]);
            (high / Vector256.Create(divisor)).CopyTo(values[(i + 8)..]);
        }

        for (; i < bytes.Length; i++)
        {
            values[i] = bytes[i] / divisor;
        }
    }
}
