// A layer describes what is added to a graph, and knows nothing of tensors: the same description can be applied several times,
// and layers of one's own are made of the builder's calls alone.

namespace CnnNative;

/// <summary>A description of one or more nodes of a model, with parameters of their own.</summary>
/// <remarks>Derive from it for blocks of your own; override <see cref="Apply"/>. Every application of a layer makes new
/// parameters; to share them, create them with <see cref="GraphBuilder.Parameter"/>.</remarks>
public abstract class Layer
{
    /// <summary>The name of its nodes in the model, or of the scope of a block; null for a numbered one such as
    /// "conv1".</summary>
    public string? Name { get; init; }

    /// <summary>Adds the layer's nodes.</summary>
    /// <param name="b">The builder.</param>
    /// <param name="x">What the layer is applied to.</param>
    /// <returns>What comes out of it.</returns>
    /// <exception cref="ShapeException">The layer does not fit the input.</exception>
    protected abstract GraphValue Apply(GraphBuilder b, GraphValue x);

    internal GraphValue ApplyTo(GraphBuilder b, GraphValue x) => Apply(b, x);
}
