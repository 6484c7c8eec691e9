// Predictions: outputs for inputs, in sessions that were compiled for the size of the batch. Large batches run in parts, so that
// memory does not grow with them.

using CnnNative.Graphs;
using CnnNative.Kernels;
using CnnNative.Models;

namespace CnnNative;

public sealed partial class Model
{
    /// <summary>The samples that <see cref="Predict(Tensor, int, ComputeContext?)"/> computes at once where it is not
    /// told.</summary>
    private const int DefaultBatchSize = 64;

    /// <summary>Computes the output for samples.</summary>
    /// <param name="input">Samples x the shape of one sample.</param>
    /// <param name="batchSize">Samples that are computed at once; more are done in parts.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>Samples x the shape of an output; the caller disposes it.</returns>
    /// <exception cref="ShapeException">The input does not fit the model.</exception>
    /// <exception cref="InvalidOperationException">The model has several inputs or outputs.</exception>
    public Tensor Predict(Tensor input, int batchSize = DefaultBatchSize, ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (Inputs.Count != 1 || Outputs.Count != 1)
        {
            throw new InvalidOperationException(
                $"Predict: the model has {Inputs.Count} inputs and {Outputs.Count} outputs; give a list of inputs, which gives " +
                "all outputs.");
        }

        return Run([input], batchSize, context)[0];
    }

    /// <summary>Computes all outputs for samples.</summary>
    /// <param name="inputs">For each input of the model, samples x the shape of one sample.</param>
    /// <param name="batchSize">Samples that are computed at once; more are done in parts.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>The outputs by their names, in the model's order; the caller disposes the collection.</returns>
    /// <exception cref="ShapeException">An input does not fit the model.</exception>
    public TensorCollection Predict(
        IReadOnlyList<Tensor> inputs, int batchSize = DefaultBatchSize, ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        Tensor[] outputs = Run([.. inputs], batchSize, context);
        TensorCollection collection = [];
        for (int i = 0; i < outputs.Length; i++)
        {
            collection.Add(Outputs[i].Name, outputs[i]);
        }

        return collection;
    }

    private Tensor[] Run(Tensor[] inputs, int batchSize, ComputeContext? context)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        context ??= ComputeContext.Default;
        Shape[] shapes = [.. inputs.Select(input => input.Shape)];
        int samples = shapes.Length == 0 || shapes[0].Rank == 0 ? 0 : shapes[0][0];
        if (samples <= batchSize || !CanSplit(shapes, samples))
        {
            using SessionLease whole = _sessions.Rent(shapes, context);
            Tensor[] outputs = [.. Outputs.Select((_, i) => Like(whole.Session.Output(i)))];
            return RunPart(whole, inputs, outputs);
        }

        GraphShapes all = new(Graph, shapes);
        Tensor[] results =
            [.. Outputs.Select(output => all[output.Value]).Select(spec => Tensor.Uninitialized(spec.Shape, spec.Type))];
        try
        {
            for (int start = 0; start < samples; start += batchSize)
            {
                RunSlice(inputs, results, start, Math.Min(batchSize, samples - start), context);
            }

            return results;
        }
        catch
        {
            Array.ForEach(results, result => result.Dispose());
            throw;
        }
    }

    /// <summary>Whether samples come first everywhere, so that parts of a batch give parts of the outputs.</summary>
    private bool CanSplit(Shape[] shapes, int samples)
    {
        if (!Inputs.All(input => input.Dimensions.Count > 0 && input.Dimensions[0] == Dimension.Batch))
        {
            return false;
        }

        GraphShapes all = new(Graph, shapes);
        return Outputs.All(output =>
            output.Value.Parameter is null && all[output.Value].Shape is { Rank: >= 1 } shape && shape[0] == samples);
    }

    private void RunSlice(Tensor[] inputs, Tensor[] results, int start, int count, ComputeContext context)
    {
        Tensor[] parts = [.. inputs.Select(input => input.Slice(start, count))];
        Tensor[] slices = [.. results.Select(result => result.Slice(start, count))];
        try
        {
            using SessionLease lease = _sessions.Rent([.. parts.Select(part => part.Shape)], context);
            RunPart(lease, parts, slices);
        }
        finally
        {
            Array.ForEach(parts, part => part.Dispose());
            Array.ForEach(slices, slice => slice.Dispose());
        }
    }

    private static Tensor Like(Tensor tensor) => Tensor.Uninitialized(tensor.Shape, tensor.ElementType);

    private static Tensor[] RunPart(SessionLease lease, Tensor[] inputs, Tensor[] outputs)
    {
        IKernels kernels = lease.Context.Kernels;
        for (int i = 0; i < inputs.Length; i++)
        {
            kernels.Copy(inputs[i], lease.Session.Input(i));
        }

        lease.Session.Run();
        for (int i = 0; i < outputs.Length; i++)
        {
            kernels.Copy(lease.Session.Output(i), outputs[i]);
        }

        return outputs;
    }
}
