// Makes a summary: shapes and costs for one sample from the operators' rules, and memory from the plans that runs would follow.
// No layer runs, and none of that memory is taken.

using CnnNative.Graphs;
using CnnNative.Graphs.Passes;
using CnnNative.Operators;

namespace CnnNative.Models;

internal static class SummaryBuilder
{
    public static ModelSummary Build(Graph graph, int batchSize)
    {
        GraphShapes shapes = new(graph, GraphShapes.ForBatch(graph, 1));
        ReceptiveFields fields = new(shapes);
        HashSet<Parameter> counted = [];
        List<SummaryRow> rows = [];
        foreach (GraphNode node in graph.Nodes)
        {
            rows.Add(Row(node, shapes, fields, counted));
        }

        Shape[] batch = GraphShapes.ForBatch(graph, batchSize);
        return new ModelSummary
        {
            Rows = rows,
            Inputs = [.. graph.Inputs.Select(input => input.Input!)],
            BatchSize = batchSize,
            TrainedParameters = ModelParameters.Count(graph.Parameters.Where(parameter => parameter.Trainable)),
            Statistics = graph.Parameters.Where(parameter => parameter.Role == ParameterRole.Statistic)
                .Sum(parameter => parameter.Shape.ElementCount),
            ParameterBytes = graph.Parameters.Sum(parameter => parameter.Value.ByteCount),
            InferenceBytes = InferenceWorkspace(graph, batch),
            TrainingBytes = TrainingWorkspace(graph, batch),
            GradientBytes = ParameterArena.BytesFor(graph).Gradients,
        };
    }

    private static SummaryRow Row(GraphNode node, GraphShapes shapes, ReceptiveFields fields, HashSet<Parameter> counted)
    {
        ValueSpec[] outputs = shapes.OutputsOf(node);
        int[] sizes = outputs[0].Shape.ToArray();
        Parameter[] parameters =
        [
            .. node.Inputs.Select(input => input?.Parameter).OfType<Parameter>().Where(counted.Add),
        ];
        return new SummaryRow
        {
            Name = node.Name,
            Kind = node.Operator is ActivationOperator activation ? activation.Activation.Kind.ToString() : node.Operator.Kind,
            Inputs =
            [
                .. node.Inputs.OfType<GraphValue>().Where(input => input.Parameter is null)
                    .Select(input => input.Producer?.Name ?? input.Name),
            ],
            OutputShape = new Shape(sizes.Length > 1 ? sizes.AsSpan(1) : sizes),
            Parameters = ModelParameters.Count(parameters),
            MultiplyAccumulates = node.Operator.Cost(shapes.InputsOf(node), outputs).MultiplyAccumulates,
            ActivationBytes = node.Operator.IsView ? 0 : outputs.Sum(output => output.Bytes),
            ReceptiveField = fields.Add(node).Size,
        };
    }

    private static long InferenceWorkspace(Graph graph, Shape[] inputs)
    {
        using var compiled = CompiledModel.Compile(graph, new CompileOptions { Context = ComputeContext.Setup });
        return new InferenceSchedule(compiled.Graph, new GraphShapes(compiled.Graph, inputs)).Plan.Bytes;
    }

    private static long TrainingWorkspace(Graph graph, Shape[] inputs)
    {
        // Its parameters are the model's, and where no pass changes anything it is the model's graph itself: not to be disposed.
        Graph trained = TrainingPasses.Apply(graph);
        HashSet<GraphValue> seen = [];
        TrainingRequest request = new(
            [.. trained.Outputs.Select(output => seen.Add(output.Value))], new bool[trained.Inputs.Count],
            AccumulateParameters: false, _ => true);
        return new TrainingSchedule(trained, new GraphShapes(trained, inputs), request).Plan.Bytes;
    }
}
