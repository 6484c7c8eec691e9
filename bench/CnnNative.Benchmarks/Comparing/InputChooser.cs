// What to feed a model: the values that lie beside it, or else normal ones, the same in every run.

using System.Runtime.InteropServices;

namespace CnnNative.Benchmarks.Comparing;

internal static class InputChooser
{
    /// <summary>What an open dimension of a picture is where nothing tells; most classifiers were trained with it.</summary>
    private const int PictureSize = 224;

    private const int Seed = 1;

    /// <summary>The inputs of a model: of MODEL.input.npy where the model has one input and the file is there, else by the
    /// model's own description with a batch of one.</summary>
    /// <exception cref="CompareException">The file beside the model does not fit it.</exception>
    public static ModelInput[] For(string path)
    {
        using OnnxModel model = OnnxModel.Load(path);
        string beside = Path.ChangeExtension(path, ".input.npy");
        if (model.Inputs is [OnnxValue only] && File.Exists(beside))
        {
            using Tensor tensor = NpyFile.Read(beside);
            return tensor.ElementType == only.Type
                ? [new ModelInput(only.Name, CodeOf(only), tensor.Shape.ToArray(), MemoryMarshal.AsBytes<float>(tensor.ToArray()).ToArray())]
                : throw new CompareException($"'{beside}' has {tensor.ElementType}, the model's input '{only.Name}' is {only.Type}.");
        }

        return [.. model.Inputs.Select(Random)];
    }

    private static ModelInput Random(OnnxValue input)
    {
        if (input.Dimensions is null)
        {
            throw new CompareException($"input '{input.Name}' has no shape; put its values beside the model as MODEL.input.npy.");
        }

        int[] sizes = [.. input.Dimensions.Select((one, i) => !one.IsOpen ? one.Size : i >= 2 ? PictureSize : 1)];
        int count = sizes.Aggregate(1, (product, size) => checked(product * size));
        TypeCode type = CodeOf(input);
        if (type is TypeCode.Single)
        {
            return new ModelInput(input.Name, type, sizes, MemoryMarshal.AsBytes<float>(Normal(count)).ToArray());
        }

        // Indices and flags: ones are valid wherever anything is.
        byte[] ones = type switch
        {
            TypeCode.Double => MemoryMarshal.AsBytes<double>(Filled(count, 1.0)).ToArray(),
            TypeCode.Int64 => MemoryMarshal.AsBytes<long>(Filled(count, 1L)).ToArray(),
            TypeCode.Int32 => MemoryMarshal.AsBytes<int>(Filled(count, 1)).ToArray(),
            _ => Filled(count, (byte)1),
        };
        return new ModelInput(input.Name, type, sizes, ones);
    }

    private static TypeCode CodeOf(OnnxValue input) => input.Type switch
    {
        ElementType.Float32 => TypeCode.Single,
        ElementType.Int64 => TypeCode.Int64,
        ElementType.Int32 => TypeCode.Int32,
        ElementType.UInt8 => TypeCode.Byte,
        ElementType.Int8 => TypeCode.SByte,
        ElementType.Bool => TypeCode.Boolean,
        _ => throw new CompareException($"input '{input.Name}' is {input.Type}, which is not compared."),
    };

    private static T[] Filled<T>(int count, T value)
    {
        T[] values = new T[count];
        Array.Fill(values, value);
        return values;
    }

    /// <summary>Box and Muller 1958: two uniform numbers make a normal one.</summary>
    private static float[] Normal(int count)
    {
        Random random = new(Seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            values[i] = (float)(radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return values;
    }
}
