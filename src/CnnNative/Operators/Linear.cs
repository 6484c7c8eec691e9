// The fully connected layer: its shape rule and its call.

namespace CnnNative;

public static partial class Cnn
{
    /// <summary>A fully connected layer: activation(input x transposed weights + bias).</summary>
    /// <param name="input">Rows x input features. More dimensions are read as rows of everything after the first one.</param>
    /// <param name="weights">Output features x input features.</param>
    /// <param name="bias">One value for each output feature; null for none.</param>
    /// <param name="activation">Applied to each output; none by default.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>Rows x output features; the caller disposes it.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public static Tensor Linear(
        Tensor input, Tensor weights, Tensor? bias = null, Activation activation = default, ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weights);
        if (input.ElementCount == 0 || weights.ElementCount == 0 || input.Shape.Rank == 0)
        {
            throw new ShapeException($"Linear: input is {input.Shape}, weights are {weights.Shape}; expected rows x features, none of them 0.");
        }

        int rows = input.Shape[0], features = input.ElementCount / rows;
        if (weights.Shape.Rank != 2 || weights.Shape[1] != features)
        {
            throw new ShapeException(
                $"Linear: input has {features} features, weights are {weights.Shape}; expected output features x {features} " +
                $"(input {input.Shape}).");
        }

        int outputs = weights.Shape[0];
        if (bias is not null && bias.ElementCount != outputs)
        {
            throw new ShapeException($"Linear: bias is {bias.Shape}, expected {outputs}, one for each output feature.");
        }

        using Tensor matrix = input.Reshape((rows, features));
        return Produce((rows, outputs), context, (kernels, output) => kernels.Linear(matrix, weights, bias, activation, output));
    }
}
