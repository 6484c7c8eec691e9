// What depends on parameters alone is computed once, when the model is compiled, instead of in every run. Importers do the same
// for the arithmetic of shapes; this is for graphs from elsewhere, and for what other passes leave behind.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Graphs.Passes;

internal static class FoldConstants
{
    /// <summary>Results that are larger than what they are made of, by more than this, are computed when they are needed: reading
    /// them from memory would cost more.</summary>
    private const long MostGrowth = 1 << 20;

    /// <summary>Computes the nodes whose inputs are all parameters.</summary>
    public static Graph Apply(PassContext context) => GraphRewriter.Apply(
        context.Graph, (node, rewriter) => Fold(node, rewriter, context.Kernels), context.Changed);

    private static GraphValue[]? Fold(GraphNode node, GraphRewriter rewriter, IKernels kernels)
    {
        GraphValue?[] values = rewriter.MapInputs(node);
        if (values.Length == 0 || values.Any(value => value is not null && value.Parameter is null))
        {
            return null;
        }

        Tensor?[] inputs = [.. values.Select(value => value?.Parameter!.Value)];
        ValueSpec?[] specs = [
            .. inputs.Select(tensor => tensor is null ? (ValueSpec?)null : new ValueSpec(tensor.Shape, tensor.ElementType))];
        ValueSpec[] outputs = new ValueSpec[node.Outputs.Count];
        node.Operator.Infer(specs, outputs);
        if (outputs.Any(output => output.Shape.ElementCount == 0) ||
            outputs.Sum(output => output.Bytes) > specs.Sum(spec => spec?.Bytes ?? 0) + MostGrowth)
        {
            return null;
        }

        Tensor[] results = Run(node.Operator, kernels, inputs, specs, outputs);
        return [.. results.Select((result, i) => new GraphValue(new Parameter(
            $"{node.Outputs[i].Name}, folded", result, ParameterRole.Constant)))];
    }

    private static Tensor[] Run(Operator operation, IKernels kernels, Tensor?[] inputs, ValueSpec?[] specs, ValueSpec[] outputs)
    {
        List<ValueSpec> saved = [];
        operation.Save(specs, outputs, default, saved);
        Tensor[] scratch = [.. saved.Select(spec => Tensor.Uninitialized(spec.Shape, spec.Type))];
        Tensor[] results = [.. outputs.Select(spec => Tensor.Uninitialized(spec.Shape, spec.Type))];
        try
        {
            using PreparedOperator prepared = operation.Prepare(
                new PrepareRequest(kernels, specs, outputs, inputs, Training: false, default));
            using NodeTensors tensors = new() { NodeNumber = 0, Inputs = inputs, Outputs = results, Saved = scratch };
            prepared.Forward(tensors, default);
            return results;
        }
        catch
        {
            Array.ForEach(results, tensor => tensor.Dispose());
            throw;
        }
        finally
        {
            Array.ForEach(scratch, tensor => tensor.Dispose());
        }
    }
}
