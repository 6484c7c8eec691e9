// Layers in a row: the way in which most networks are written down. It is a layer itself, so that rows can be parts of others.

using System.Collections;

namespace CnnNative;

/// <summary>Layers of which each reads what the one before puts out.</summary>
/// <remarks>Filled by a collection initialiser: <c>new Sequential(input: (28, 28, 1)) { new Conv2d(32, 3), new Relu() }</c>. With
/// a <see cref="Layer.Name"/>, its layers stand in a scope of that name.</remarks>
public sealed class Sequential : Layer, IEnumerable<Layer>
{
    private readonly List<Layer> _layers = [];
    private readonly Shape? _input;

    /// <summary>A row without an input, as a part of something larger.</summary>
    public Sequential()
    {
    }

    /// <summary>A row whose layers stand in a scope.</summary>
    /// <param name="name">The name of the scope; a collection initialiser leaves no other place for it.</param>
    public Sequential(string name) => Name = name;

    /// <summary>A row that can be built.</summary>
    /// <param name="input">The shape of one sample, such as (28, 28, 1).</param>
    public Sequential(Shape input) => _input = input;

    /// <summary>Adds a layer at the end.</summary>
    /// <param name="layer">The layer.</param>
    public void Add(Layer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        _layers.Add(layer);
    }

    /// <summary>Makes a model whose input is called "input" and whose output is called "output".</summary>
    /// <param name="seed">Where random weights come from; see <see cref="GraphBuilder.Build"/>.</param>
    /// <returns>The model, which the caller disposes.</returns>
    /// <exception cref="InvalidOperationException">The shape of the input was not given.</exception>
    /// <exception cref="ShapeException">A layer does not fit what comes before it; the message names it.</exception>
    public Model Build(ulong seed = 0)
    {
        if (_input is not { } sample)
        {
            throw new InvalidOperationException(
                "Sequential: the shape of the input is not known; give it as in new Sequential(input: (28, 28, 1)).");
        }

        GraphBuilder b = new();
        b.Output("output", b.Apply(this, b.Input("input", sample)));
        return b.Build(seed);
    }

    /// <summary>The layers, in order.</summary>
    public IEnumerator<Layer> GetEnumerator() => _layers.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        using (Name is null ? null : b.Scope(Name))
        {
            foreach (Layer layer in _layers)
            {
                x = b.Apply(layer, x);
            }

            return x;
        }
    }
}
