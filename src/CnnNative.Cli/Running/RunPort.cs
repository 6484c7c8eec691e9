// An input as the model's file declares it, and the array that is given for it.

using CnnNative.Graphs;
using CnnNative.Onnx.Writing;

namespace CnnNative.Cli;

/// <summary>An input of a model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Dimensions">Its dimensions in the file's order; null where the file does not tell.</param>
internal sealed record RunPort(string Name, ElementType Type, IReadOnlyList<Dimension>? Dimensions)
{
    /// <summary>The inputs of a model, as a .cnn file of it has them, or as ONNX.</summary>
    public static RunPort[] Of(Model model, bool asOnnx = false) =>
    [
        .. model.Inputs.Select(input => new RunPort(
            input.Name, input.Type, Ordered(input, asOnnx ? GraphExporter.OrderOf(input) : input.SourceOrder))),
    ];

    /// <summary>The inputs of an ONNX model.</summary>
    public static RunPort[] Of(OnnxModel model) =>
        [.. model.Inputs.Select(input => new RunPort(input.Name, input.Type, input.Dimensions))];

    /// <summary>The name with the dimensions and the type.</summary>
    public override string ToString() =>
        $"'{Name}' ({(Dimensions is null ? "any shape" : string.Join(" x ", Dimensions))}, {Type.ToString().ToLowerInvariant()})";

    /// <summary>Reads an array.</summary>
    /// <exception cref="UserException">It does not fit.</exception>
    public Tensor Read(string file)
    {
        ModelSource.RequireFile("--input", file);
        Tensor array = NpyFile.ReadTyped(file);
        try
        {
            RequireShape(array.Shape, file);
            return array.ElementType == Type ? array : Converted(array, file);
        }
        catch
        {
            array.Dispose();
            throw;
        }
    }

    /// <summary>The size of pictures, and whether channels come before pixels; what the file does not tell is 0.</summary>
    public (int Height, int Width, int Channels, bool ChannelsFirst) PictureSizes(TensorLayout? layout)
    {
        if (Dimensions is not { Count: 3 or 4 } || Type != ElementType.Float32)
        {
            throw new UserException($"--image was given, but the input {this} takes no picture.");
        }

        int first = Dimensions.Count - 3;
        int before = Dimensions[first].Size, after = Dimensions[first + 2].Size;
        bool channelsFirst = layout is { } given ? given == TensorLayout.Nchw : before is 1 or 3 || after is not (1 or 3);
        return channelsFirst
            ? (Dimensions[first + 1].Size, after, before, true)
            : (before, Dimensions[first + 1].Size, after, false);
    }

    private static Dimension[] Ordered(GraphInput input, IReadOnlyList<int>? order) => order is null
        ? [.. input.Dimensions]
        : [.. SourceOrder.Inverse([.. order]).Select(dimension => input.Dimensions[dimension])];

    private void RequireShape(Shape shape, string file)
    {
        bool fits = Dimensions is null || Dimensions.Count == shape.Rank;
        for (int i = 0; fits && Dimensions is not null && i < shape.Rank; i++)
        {
            // The first dimension may be a batch that an exporter wrote as 1.
            fits = Dimensions[i].IsOpen || Dimensions[i].Size == shape[i] || (i == 0 && Dimensions[i].Size == 1);
        }

        if (!fits)
        {
            throw new UserException($"--input: the array in '{file}' is {shape}, the input {this} takes another shape.");
        }
    }

    /// <summary>Numbers become float32, and whole numbers any other whole numbers that they fit into: NumPy writes float64 and
    /// int64 where nobody asks for anything else.</summary>
    private Tensor Converted(Tensor array, string file)
    {
        bool isWhole = array.ElementType is not (ElementType.Float32 or ElementType.Float64 or ElementType.Bool);
        if (Type == ElementType.Float32 || (isWhole && Type is not (ElementType.Float64 or ElementType.Bool)))
        {
            Tensor converted = Tensor.Uninitialized(array.Shape, Type);
            double[] values = Operators.TypedDispatch.ToDoubles(array);
            Operators.TypedDispatch.Store(converted, values);
            if (Type == ElementType.Float32 || Operators.TypedDispatch.ToDoubles(converted).AsSpan().SequenceEqual(values))
            {
                array.Dispose();
                return converted;
            }

            converted.Dispose();
        }

        throw new UserException(
            $"--input: the array in '{file}' has elements of {array.ElementType.ToString().ToLowerInvariant()}, " +
            $"which do not fit into the input {this}.");
    }
}
