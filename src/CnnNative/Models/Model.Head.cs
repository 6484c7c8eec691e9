// Another head on a trained body: the first step of teaching a network something new with few pictures.

using CnnNative.Models;

namespace CnnNative;

public sealed partial class Model
{
    /// <summary>The scope of the layers that <see cref="WithHead(int, ulong)"/> adds, by which they are frozen and
    /// unfrozen.</summary>
    private const string HeadScope = "head";

    /// <summary>Makes a model for other classes: a new layer takes the place of the last one with weights, and what stands behind
    /// it, such as pooling or softmax, stays, but for a ReLU. All other weights are copied.</summary>
    /// <param name="classes">How many classes there are now.</param>
    /// <param name="seed">Where the weights of the new layer come from.</param>
    /// <returns>The model, which the caller disposes; this one stays as it is. The new layer's parameters are called "head.*", so
    /// that <c>Freeze("*")</c> and <c>Unfreeze("head")</c> leave nothing but them to train.</returns>
    /// <exception cref="InvalidOperationException">The model has several outputs, or its end is no classifier; give the head as
    /// calls.</exception>
    /// <exception cref="ShapeException">An input has open dimensions besides the batch.</exception>
    public Model WithHead(int classes, ulong seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        ClassifierEnd end = ClassifierEnd.Of(Graph);
        return WithHead(end.Input, (b, x) => end.Rebuild(b, x, classes), seed);
    }

    /// <summary>Makes a model that reads a value of this one with new layers.</summary>
    /// <param name="features">The name of the value: a node's, as <see cref="Summarize"/> lists them, or an input's.</param>
    /// <param name="head">Adds layers to the value, and gives the new output. They are added in the scope "head".</param>
    /// <param name="seed">Where the weights of new layers come from.</param>
    /// <returns>The model, which the caller disposes; this one stays as it is. It has one output, which is called as the first
    /// was here, no class names, and the same preprocessing.</returns>
    /// <exception cref="ArgumentException">There is no such value; the message lists some.</exception>
    /// <exception cref="ShapeException">A new layer does not fit, or an input has open dimensions besides the batch.</exception>
    public Model WithHead(string features, Func<GraphBuilder, GraphValue, GraphValue> head, ulong seed = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(features);
        ArgumentNullException.ThrowIfNull(head);
        GraphValue? value = Graph.Nodes.SelectMany(node => node.Outputs).Concat(Graph.Inputs)
            .FirstOrDefault(value => value.Name == features);
        return value is not null
            ? WithHead(value, head, seed)
            : throw new ArgumentException(
                $"The model has no value '{features}'; its last ones are " +
                $"{string.Join(", ", Graph.Nodes.TakeLast(8).Select(node => $"'{node.Name}'"))}.", nameof(features));
    }

    private Model WithHead(GraphValue features, Func<GraphBuilder, GraphValue, GraphValue> head, ulong seed)
    {
        var b = GraphBuilder.Continue(Graph, features, out GraphValue x);
        try
        {
            using (b.Scope(HeadScope))
            {
                x = head(b, x);
            }

            b.Output(Outputs[0].Name, x);
            Model model = b.Build(seed);
            model.Preprocessing = Preprocessing;
            return model;
        }
        catch
        {
            b.Discard();
            throw;
        }
    }
}
