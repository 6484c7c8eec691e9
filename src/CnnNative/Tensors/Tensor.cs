// The one kind of data that all operators take and give: elements in native memory, float32 for everything that is computed. The
// class owns that memory and knows its shape, and nothing of operators; those stand on a floor above.

using CnnNative.Interop;

namespace CnnNative;

/// <summary>An array of elements in native memory, row-major; pictures are batch x height x width x channels.</summary>
/// <remarks>Elements are float32 unless <see cref="ElementType"/> says otherwise; members that speak of float refuse other types, for
/// which there are <see cref="Access{T}"/>, <see cref="ToArray{T}"/> and <see cref="From{T}"/>. Whoever creates a tensor disposes it. Views made by <see cref="Reshape"/>, <see cref="Flatten"/> and
/// <see cref="Slice"/> share the elements and are disposed like any tensor, in any order. Reading from several threads at once
/// is safe; writing while others read or write is not.</remarks>
public sealed class Tensor : IDisposable
{
    private readonly TensorMemory _memory;

    private Tensor(TensorMemory memory, Shape shape, ElementType type)
    {
        _memory = memory;
        Shape = shape;
        ElementType = type;
    }

    /// <summary>The dimensions, outermost first.</summary>
    public Shape Shape { get; }

    /// <summary>The number of elements.</summary>
    public int ElementCount => (int)Shape.ElementCount;

    /// <summary>The type of the elements.</summary>
    public ElementType ElementType { get; }

    /// <summary>The size of all elements.</summary>
    public long ByteCount => _memory.Bytes;

    internal CnnBufferHandle Buffer => _memory.Buffer;

    /// <summary>Where all of the elements can be read, if they are elsewhere and nobody has looked at them yet.</summary>
    internal TensorSource? Pending => _memory.Pending;

    /// <summary>One element; for many of them use <see cref="Access"/>.</summary>
    /// <param name="index">A position on each dimension, outermost first.</param>
    /// <exception cref="ArgumentOutOfRangeException">A position is outside its dimension, or there are too few or too many.</exception>
    public float this[params ReadOnlySpan<int> index]
    {
        get
        {
            int offset = Offset(index);
            using TensorAccess access = Access();
            return access.Values[offset];
        }

        set
        {
            int offset = Offset(index);
            using TensorAccess access = Access();
            access.Values[offset] = value;
        }
    }

    /// <summary>A tensor of zeros.</summary>
    /// <param name="shape">Its shape.</param>
    /// <exception cref="ShapeException">The shape has more than 2^31 - 1 elements.</exception>
    public static Tensor Zeros(Shape shape) => Full(shape, 0f);

    /// <summary>A tensor whose elements are all the same.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="value">The value of each element.</param>
    /// <exception cref="ShapeException">The shape has more than 2^31 - 1 elements.</exception>
    public static Tensor Full(Shape shape, float value)
    {
        Tensor tensor = Uninitialized(shape);
        tensor.Fill(value);
        return tensor;
    }

    /// <summary>A tensor with a copy of the given elements.</summary>
    /// <param name="values">The elements, row-major.</param>
    /// <param name="shape">The shape; its element count is the number of values.</param>
    /// <exception cref="ShapeException">The number of values is not that of the shape.</exception>
    public static Tensor FromSpan(ReadOnlySpan<float> values, Shape shape)
    {
        if (values.Length != shape.ElementCount)
        {
            throw new ShapeException($"Tensor: {values.Length} values were given, shape {shape} has {shape.ElementCount}.");
        }

        Tensor tensor = Uninitialized(shape);
        tensor.CopyFrom(values);
        return tensor;
    }

    /// <summary>A tensor with a copy of elements of any type.</summary>
    /// <typeparam name="T">float, double, bool or an integer; it becomes the element type.</typeparam>
    /// <param name="values">The elements, row-major.</param>
    /// <param name="shape">The shape; its element count is the number of values.</param>
    /// <exception cref="ShapeException">The number of values is not that of the shape.</exception>
    /// <exception cref="NotSupportedException">Tensors hold no such elements.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> values, Shape shape)
        where T : unmanaged
    {
        if (values.Length != shape.ElementCount)
        {
            throw new ShapeException($"Tensor: {values.Length} values were given, shape {shape} has {shape.ElementCount}.");
        }

        Tensor tensor = Uninitialized(shape, ElementTypes.Of<T>());
        using TensorAccess<T> access = tensor.Access<T>();
        values.CopyTo(access.Values);
        return tensor;
    }

    /// <summary>Overwrites all elements.</summary>
    /// <param name="values">The new elements, row-major; as many as the tensor has.</param>
    /// <exception cref="ShapeException">The number of values is not that of the tensor.</exception>
    public void CopyFrom(ReadOnlySpan<float> values)
    {
        if (values.Length != ElementCount)
        {
            throw new ShapeException($"Tensor {Shape}: {values.Length} values were given, expected {ElementCount}.");
        }

        using TensorAccess access = Access();
        values.CopyTo(access.Values);
    }

    /// <summary>Copies all elements out.</summary>
    /// <param name="destination">Where to; at least as long as the tensor has elements.</param>
    /// <exception cref="ShapeException">The destination is shorter than the tensor.</exception>
    public void CopyTo(Span<float> destination)
    {
        if (destination.Length < ElementCount)
        {
            throw new ShapeException($"Tensor {Shape}: the destination holds {destination.Length} values, expected at least {ElementCount}.");
        }

        using TensorAccess access = Access();
        access.Values.CopyTo(destination);
    }

    /// <summary>A new array with a copy of the elements, row-major.</summary>
    public float[] ToArray()
    {
        using TensorAccess access = Access();
        return access.Values.ToArray();
    }

    /// <summary>A new array with a copy of the elements of any type, row-major.</summary>
    /// <typeparam name="T">The type of the elements.</typeparam>
    /// <exception cref="InvalidOperationException">The elements are of another type.</exception>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        using TensorAccess<T> access = Access<T>();
        return access.Values.ToArray();
    }

    /// <summary>Sets all elements to one value.</summary>
    /// <param name="value">The value.</param>
    public void Fill(float value)
    {
        using TensorAccess access = Access();
        access.Values.Fill(value);
    }

    /// <summary>Opens the elements for reading and writing without a copy.</summary>
    /// <returns>The access; dispose it, with <c>using</c>.</returns>
    /// <exception cref="ObjectDisposedException">The tensor was disposed.</exception>
    /// <exception cref="InvalidOperationException">The elements are not float32.</exception>
    public TensorAccess Access()
    {
        RequireType(ElementType.Float32);
        return _memory.Access();
    }

    /// <summary>Opens the elements of any type for reading and writing without a copy.</summary>
    /// <typeparam name="T">The type of the elements.</typeparam>
    /// <returns>The access; dispose it, with <c>using</c>.</returns>
    /// <exception cref="ObjectDisposedException">The tensor was disposed.</exception>
    /// <exception cref="InvalidOperationException">The elements are of another type.</exception>
    public TensorAccess<T> Access<T>()
        where T : unmanaged
    {
        RequireType(ElementTypes.Of<T>());
        return _memory.Access<T>();
    }

    /// <summary>A tensor with a copy of the elements.</summary>
    public Tensor Clone()
    {
        Tensor clone = Uninitialized(Shape, ElementType);
        using TensorAccess<byte> source = AccessBytes();
        using TensorAccess<byte> target = clone.AccessBytes();
        source.Values.CopyTo(target.Values);
        return clone;
    }

    /// <summary>The same elements in another shape. The result shares the memory with this tensor.</summary>
    /// <param name="shape">A shape with the same number of elements.</param>
    /// <exception cref="ShapeException">The shape has another number of elements.</exception>
    public Tensor Reshape(Shape shape)
    {
        if (shape.ElementCount != ElementCount)
        {
            throw new ShapeException(
                $"Reshape: {Shape} has {ElementCount} elements, {shape} has {shape.ElementCount}; expected the same number.");
        }

        return new Tensor(_memory.View(0, ByteCount), shape, ElementType);
    }

    /// <summary>Keeps the batch and lays all other dimensions in a row, in NHWC order. The result shares the memory.</summary>
    public Tensor Flatten() => Reshape((Shape[0], Shape[0] == 0 ? 0 : ElementCount / Shape[0]));

    /// <summary>Some items of the batch, which is the outermost dimension. The result shares the memory with this tensor.</summary>
    /// <param name="start">The first item.</param>
    /// <param name="count">How many items.</param>
    /// <exception cref="ArgumentOutOfRangeException">The batch does not have these items.</exception>
    public Tensor Slice(int start, int count)
    {
        int batch = Shape[0];
        if (start < 0 || count < 1 || start > batch - count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(start), $"Slice: {count} items from {start} on were asked for, the batch of {Shape} has {batch}.");
        }

        int[] dimensions = Shape.ToArray();
        int item = ElementCount / batch;
        dimensions[0] = count;
        return View(start * item, new Shape(dimensions));
    }

    /// <summary>Whether the shapes are the same and each pair of elements is close: |a - b| &lt;= absolute + relative |b|.
    /// Infinities are close to themselves, and NaN to NaN.</summary>
    /// <param name="other">The tensor to compare with.</param>
    /// <param name="absolute">The tolerance for elements near zero.</param>
    /// <param name="relative">The tolerance as a part of the other element.</param>
    public bool IsClose(Tensor other, float absolute = 1e-6f, float relative = 1e-5f)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Shape != other.Shape)
        {
            return false;
        }

        using TensorAccess left = Access();
        using TensorAccess right = other.Access();
        for (int i = 0; i < left.Values.Length; i++)
        {
            float a = left.Values[i], b = right.Values[i];
            bool near = float.IsFinite(b) && Math.Abs(a - b) <= absolute + relative * Math.Abs(b);
            if (!near && !a.Equals(b))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The shape and the elements, shortened where there are many.</summary>
    public override string ToString() => TensorText.Format(this);

    /// <summary>Gives the memory back, unless a view still shares it. Calling it again does nothing.</summary>
    public void Dispose() => _memory.Dispose();

    /// <summary>A tensor of undefined content, for operators that write every element.</summary>
    internal static Tensor Uninitialized(
        Shape shape, ElementType type = ElementType.Float32, NativeHandleKind kind = NativeHandleKind.Tensor)
    {
        if (shape.ElementCount > int.MaxValue)
        {
            throw new ShapeException($"Tensor: shape {shape} has {shape.ElementCount} elements, expected at most {int.MaxValue}.");
        }

        return new Tensor(TensorMemory.Allocate(shape.ElementCount * type.Size(), kind), shape, type);
    }

    /// <summary>A tensor whose elements are read when somebody first looks at them; it takes the source over.</summary>
    internal static Tensor Deferred(TensorSource source, Shape shape, ElementType type = ElementType.Float32) =>
        new(TensorMemory.Defer(source), shape, type);

    /// <summary>Some elements in a shape of their own, from an offset on. The result shares the memory with this tensor.</summary>
    internal Tensor View(int offset, Shape shape)
    {
        int size = ElementType.Size();
        return new Tensor(_memory.View((long)offset * size, shape.ElementCount * size), shape, ElementType);
    }

    /// <summary>Some bytes as elements of a type in a shape. The result shares the memory with this tensor.</summary>
    internal Tensor ViewBytes(long offset, Shape shape, ElementType type) =>
        new(_memory.View(offset, shape.ElementCount * type.Size()), shape, type);

    /// <summary>Reads a piece of the elements, wherever they are.</summary>
    /// <param name="offset">Where it begins, in bytes of the whole tensor.</param>
    /// <param name="target">Receives it.</param>
    /// <param name="staging">Memory to work in, as long as the target.</param>
    internal void ReadPiece(long offset, Span<byte> target, Span<byte> staging)
    {
        if (Pending is { } source)
        {
            source.Read(offset, target, staging);
            return;
        }

        using TensorAccess<byte> access = AccessBytes();
        access.Values.Slice(checked((int)offset), target.Length).CopyTo(target);
    }

    /// <summary>Reads elements that are elsewhere now, after which the file that they came from may change. Nobody else uses the
    /// tensor or its views meanwhile.</summary>
    internal void LoadNow() => _memory.LoadNow();

    /// <summary>The same elements in memory: this tensor's, or where they are elsewhere a copy that goes with the result.</summary>
    internal Tensor InMemory()
    {
        if (Pending is not { } source)
        {
            return View(0, Shape);
        }

        Tensor copy = Uninitialized(Shape, ElementType);
        using TensorAccess<byte> access = copy.AccessBytes();
        source.ReadAll(access.Values);
        return copy;
    }

    /// <summary>Opens the bits of the elements as words of 32 bits, whatever the type; for kernels that move bits or know the type.
    /// </summary>
    internal TensorAccess AccessBits() => _memory.Access();

    /// <summary>Opens the bytes of the elements, whatever the type.</summary>
    internal TensorAccess<byte> AccessBytes() => _memory.Access<byte>();

    /// <summary>Opens the elements as another type of the same size, such as flags as bytes.</summary>
    internal TensorAccess<T> AccessAs<T>()
        where T : unmanaged => _memory.Access<T>();

    private void RequireType(ElementType type)
    {
        if (ElementType != type)
        {
            throw new InvalidOperationException($"Tensor {Shape}: the elements are {ElementType}, not {type}; open them as what they are.");
        }
    }

    private int Offset(ReadOnlySpan<int> index)
    {
        if (index.Length != Shape.Rank)
        {
            throw new ArgumentOutOfRangeException(
                nameof(index), $"Tensor {Shape}: {index.Length} positions were given, expected {Shape.Rank}.");
        }

        int offset = 0;
        for (int i = 0; i < index.Length; i++)
        {
            if (index[i] < 0 || index[i] >= Shape[i])
            {
                throw new ArgumentOutOfRangeException(
                    nameof(index), $"Tensor {Shape}: position {index[i]} on dimension {i}, expected 0 to {Shape[i] - 1}.");
            }

            offset = offset * Shape[i] + index[i];
        }

        return offset;
    }
}
