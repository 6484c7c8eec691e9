// The operators as plain functions. Each stands in its own file together with its shape rule; here is what they share.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative;

/// <summary>The operators of a convolutional network as functions from tensors to tensors.</summary>
/// <remarks>All of them are safe to call from several threads at once. Results are new tensors that the caller
/// disposes.</remarks>
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

    /// <summary>Runs an operator of a graph, once.</summary>
    private static Tensor Run(Operator operation, ComputeContext? context, params Tensor?[] inputs)
    {
        ValueSpec?[] specs = Array.ConvertAll(inputs, input => input is null ? (ValueSpec?)null : input.Shape);
        ValueSpec[] outputs = new ValueSpec[1];
        operation.Infer(specs, outputs);
        List<ValueSpec> saved = [];
        operation.Save(specs, outputs, wanted: default, saved);
        return Produce(outputs[0].Shape, context, (kernels, output) =>
        {
            Tensor[] work = [.. saved.Select(spec => Tensor.Uninitialized(spec.Shape))];
            try
            {
                PrepareRequest request = new(
                    kernels, specs, outputs, new Tensor?[inputs.Length], Training: false, Wanted: default);
                using PreparedOperator prepared = operation.Prepare(in request);
                using NodeTensors tensors = new() { NodeNumber = 0, Inputs = inputs, Outputs = [output], Saved = work };
                RunState state = default;
                prepared.Forward(tensors, in state);
            }
            finally
            {
                Array.ForEach(work, tensor => tensor.Dispose());
            }
        });
    }
}
