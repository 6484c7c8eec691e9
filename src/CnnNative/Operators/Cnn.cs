// The operators as plain functions. Each stands in its own file together with its shape rule; here is what they share.

using CnnNative.Kernels;

namespace CnnNative;

/// <summary>The operators of a convolutional network as functions from tensors to tensors.</summary>
/// <remarks>All of them are safe to call from several threads at once. Results are new tensors that the caller disposes.</remarks>
public static partial class Cnn
{
    private delegate void KernelCall(IKernels kernels, Tensor output);

    /// <summary>Allocates the output, runs the kernel unless there is nothing to write, and leaves nothing behind when it fails.</summary>
    private static Tensor Produce(Shape shape, ComputeContext? context, KernelCall call)
    {
        IKernels kernels = (context ?? ComputeContext.Default).Kernels;
        Tensor output = Tensor.Uninitialized(shape);
        try
        {
            if (output.ElementCount > 0)
            {
                call(kernels, output);
            }

            return output;
        }
        catch
        {
            output.Dispose();
            throw;
        }
    }
}
