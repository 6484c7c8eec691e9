// What is measured where nobody says: accuracy for classes.

namespace CnnNative.Training;

internal static class DefaultMetrics
{
    /// <summary>Accuracy of the first output, if its loss is cross-entropy.</summary>
    public static MetricSet For(Graph graph, LossSet losses, DataSchema schema)
    {
        MetricSet metrics = [];
        if (losses[0].Loss is CrossEntropyLoss && schema.Targets.Count > 0)
        {
            string name = losses[0].Output ?? graph.Outputs[0].Name;
            GraphValue output = graph.Outputs.First(output => output.Name == name).Value;
            metrics.Add(new Accuracy(Classes(graph, schema, output)));
        }

        return metrics;
    }

    private static int Classes(Graph graph, DataSchema schema, GraphValue output)
    {
        Graphs.GraphShapes shapes = new(graph, DefaultLosses.ShapesFor(graph, schema));
        return shapes[output].Shape[^1];
    }
}
