// The losses that follow from network and data where nobody named them, and what label smoothing and class weights make of those
// that were named.

using CnnNative.Graphs;

namespace CnnNative.Training;

internal static class DefaultLosses
{
    /// <summary>The losses of a training, with the label smoothing and class weights of its options.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="schema">The data.</param>
    /// <param name="losses">What was asked for; null for what suits each output.</param>
    /// <param name="smoothing">Label smoothing.</param>
    /// <param name="classWeights">Class weights; null for none.</param>
    /// <exception cref="ArgumentException">No loss suits an output, or there is nothing to smooth or weight.</exception>
    public static LossSet Choose(
        Graph graph, DataSchema schema, LossSet? losses, float smoothing = 0, IReadOnlyList<float>? classWeights = null)
    {
        losses ??= ForAll(graph, schema);
        if (smoothing == 0 && classWeights is null)
        {
            return losses;
        }

        if (!losses.Any(loss => loss.Loss is CrossEntropyLoss))
        {
            throw new ArgumentException(
                "Label smoothing and class weights belong to cross-entropy; the losses are " +
                $"{string.Join(", ", losses.Select(loss => loss.Loss.Name))}.");
        }

        return Change(losses, loss => loss with
        {
            LabelSmoothing = loss.LabelSmoothing == 0 ? smoothing : loss.LabelSmoothing,
            ClassWeights = loss.ClassWeights ?? classWeights,
        });
    }

    /// <summary>The same losses as a measure: without the smoothing, which only training needs.</summary>
    public static LossSet ForEvaluation(LossSet losses) => Change(losses, loss => loss with { LabelSmoothing = 0 });

    /// <summary>Shapes of the inputs for a batch of two samples.</summary>
    public static Shape[] ShapesFor(Graph graph, DataSchema schema) =>
        [.. graph.Inputs.Select((input, i) => ShapeOf(input.Input!, schema, i))];

    private static LossSet Change(LossSet losses, Func<CrossEntropyLoss, CrossEntropyLoss> change)
    {
        if (losses.Count == 1 && losses[0].Output is null)
        {
            return losses[0].Loss is CrossEntropyLoss only ? change(only) : losses;
        }

        LossSet changed = [];
        foreach (OutputLoss loss in losses)
        {
            changed.Add(loss.Output!, loss.Loss is CrossEntropyLoss entropy ? change(entropy) : loss.Loss, loss.Weight);
        }

        return changed;
    }

    private static LossSet ForAll(Graph graph, DataSchema schema)
    {
        GraphShapes shapes = new(graph, ShapesFor(graph, schema));
        FieldMap map = FieldMap.Create(graph, [.. graph.Outputs.Select(output => output.Name)], schema);
        LossSet losses = [];
        for (int i = 0; i < graph.Outputs.Count; i++)
        {
            GraphOutput output = graph.Outputs[i];
            int target = map.TargetOf(i);
            losses.Add(output.Name, ForOne(output, shapes[output.Value].Shape, schema, target));
        }

        return losses;
    }

    /// <summary>A batch of two of an input; where dimensions are open, as the data has them.</summary>
    private static Shape ShapeOf(GraphInput input, DataSchema schema, int index)
    {
        Shape? field = index < schema.Inputs.Count ? schema.Inputs[index].Shape : null;
        Shape? batch = field is { } shape ? new Shape([2, .. shape.ToArray()]) : null;
        return batch is { } fitting && input.Accepts(fitting) ? fitting : input.ForBatch(2);
    }

    private static Loss ForOne(GraphOutput output, Shape prediction, DataSchema schema, int target)
    {
        DataField field = schema.Targets[target];
        long elements = prediction.ElementCount / prediction[0];
        Operator? last = output.Value.Producer?.Operator;
        bool isLabel = (target == 0 && schema.ClassNames is not null) || field.Shape.ElementCount * prediction[^1] == elements;
        if (prediction[^1] > 1 && (isLabel || last?.Kind is "Softmax" or "LogSoftmax"))
        {
            return new CrossEntropyLoss();
        }

        if (field.Shape.ElementCount == elements)
        {
            bool isSigmoid = last is not null && new BinaryCrossEntropyLoss().Includes(last);
            bool isBinary = isSigmoid || (target == 0 && schema.ClassNames is { Count: 2 });
            return isBinary ? new BinaryCrossEntropyLoss() : new MeanSquaredErrorLoss();
        }

        throw new ShapeException(
            $"No loss suits the output '{output.Name}', which is {elements} elements ({prediction} for two samples), " +
            $"and the target '{field.Name}' of {field.Shape}; expected a label for each row, or as many elements. Name a loss.");
    }
}
