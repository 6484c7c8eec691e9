// Tensors of random values for benchmarks: values matter where a kernel branches on them, and subnormal numbers would be slow.

namespace CnnNative.Benchmarks;

internal static class BenchmarkTensors
{
    /// <summary>Values from -1 to 1 that a seed repeats.</summary>
    public static Tensor Uniform(Shape shape, int seed)
    {
        Random random = new(seed);
        Tensor tensor = Tensor.Zeros(shape);
        using TensorAccess access = tensor.Access();
        foreach (ref float value in access.Values)
        {
            value = random.NextSingle() * 2 - 1;
        }

        return tensor;
    }
}
