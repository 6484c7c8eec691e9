// The answers of another program to the same model: ONNX Runtime, which tests alone carry along.

using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace CnnNative.Tests.Onnx;

internal static class OnnxRuntime
{
    /// <summary>Runs a model of one input.</summary>
    public static TensorCollection Run(byte[] model, string name, Tensor input) =>
        Run(model, new Dictionary<string, Tensor> { [name] = input });

    /// <summary>Runs a model; the caller disposes the outputs.</summary>
    public static TensorCollection Run(byte[] model, IReadOnlyDictionary<string, Tensor> inputs)
    {
        using InferenceSession session = new(model);
        using var results = session.Run([.. inputs.Select(pair => Given(pair.Key, pair.Value))]);
        TensorCollection outputs = [];
        foreach (DisposableNamedOnnxValue result in results)
        {
            outputs.Add(result.Name, Taken(result));
        }

        return outputs;
    }

    private static NamedOnnxValue Given(string name, Tensor tensor)
    {
        int[] sizes = tensor.Shape.ToArray();
        return tensor.ElementType switch
        {
            ElementType.Int64 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<long>(tensor.ToArray<long>(), sizes)),
            ElementType.Int32 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<int>(tensor.ToArray<int>(), sizes)),
            ElementType.Bool => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<bool>(tensor.ToArray<bool>(), sizes)),
            ElementType.UInt8 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<byte>(tensor.ToArray<byte>(), sizes)),
            _ => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(tensor.ToArray(), sizes)),
        };
    }

    private static Tensor Taken(DisposableNamedOnnxValue value) => value.ElementType switch
    {
        TensorElementType.Int64 => Of(value.AsTensor<long>()),
        TensorElementType.Int32 => Of(value.AsTensor<int>()),
        TensorElementType.Bool => Of(value.AsTensor<bool>()),
        _ => Of(value.AsTensor<float>()),
    };

    private static Tensor Of<T>(Tensor<T> tensor)
        where T : unmanaged => Tensor.From<T>([.. tensor], new Shape(tensor.Dimensions));
}
