// Layers side by side: residual blocks (He et al. 2015), and branches whose results are laid side by side or added.

using System.Collections;

namespace CnnNative;

/// <summary>activation(body(x) + shortcut(x)).</summary>
/// <remarks>Its nodes stand in a scope of its name, or of residual1, residual2 ...</remarks>
/// <param name="body">The layers of the block.</param>
/// <param name="shortcut">What stands beside it; null for x itself.</param>
/// <param name="activation">Applied to the sum; none by default.</param>
public sealed class Residual(Layer body, Layer? shortcut = null, Activation activation = default) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        string scope = Name ?? b.UniqueName("residual");
        using (b.Scope(scope))
        {
            GraphValue left = b.Apply(body, x);
            GraphValue right = shortcut is null ? x : b.Apply(shortcut, x);
            if (b.ShapeOf(left) != b.ShapeOf(right))
            {
                throw new ShapeException(
                    $"Residual '{scope}': the body gives {b.ShapeOf(left)}, the shortcut {b.ShapeOf(right)}; expected the same " +
                    "shape. A shortcut of a 1x1 convolution with the body's filters and stride gives it.");
            }

            return b.Add(left, right, activation);
        }
    }
}

/// <summary>Layers that read the same input, side by side; what <see cref="Concat"/> and <see cref="Add"/> have in
/// common.</summary>
/// <remarks>Filled by the constructor or a collection initialiser. The nodes of each branch stand in a scope branch1, branch2 ...
/// in the scope of the layer.</remarks>
public abstract class Branches : Layer, IEnumerable<Layer>
{
    private readonly List<Layer> _branches = [];

    private protected Branches(ReadOnlySpan<Layer> branches)
    {
        foreach (Layer branch in branches)
        {
            Add(branch);
        }
    }

    private protected abstract string Kind { get; }

    /// <summary>Adds a branch.</summary>
    /// <param name="branch">The branch; <see cref="Identity"/> for the input itself.</param>
    public void Add(Layer branch)
    {
        ArgumentNullException.ThrowIfNull(branch);
        _branches.Add(branch);
    }

    /// <summary>The branches, in order.</summary>
    public IEnumerator<Layer> GetEnumerator() => _branches.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        string scope = Name ?? b.UniqueName(Kind);
        if (_branches.Count == 0)
        {
            throw new InvalidOperationException($"The layer '{scope}' has no branch, expected at least one.");
        }

        List<GraphValue> results = [];
        using (b.Scope(scope))
        {
            foreach (Layer branch in _branches)
            {
                using (b.Scope(b.UniqueName("branch")))
                {
                    results.Add(b.Apply(branch, x));
                }
            }

            return Join(b, results);
        }
    }

    private protected abstract GraphValue Join(GraphBuilder b, IReadOnlyList<GraphValue> results);
}

/// <summary>The sum of what several branches make of one input.</summary>
/// <param name="branches">The branches.</param>
public sealed class Add(params ReadOnlySpan<Layer> branches) : Branches(branches)
{
    private protected override string Kind => "add";

    private protected override GraphValue Join(GraphBuilder b, IReadOnlyList<GraphValue> results) =>
        results.Aggregate((left, right) => b.Add(left, right));
}

/// <summary>The channels of what several branches make of one input, side by side.</summary>
/// <param name="branches">The branches.</param>
public sealed class Concat(params ReadOnlySpan<Layer> branches) : Branches(branches)
{
    private protected override string Kind => "concat";

    private protected override GraphValue Join(GraphBuilder b, IReadOnlyList<GraphValue> results) => b.Concat([.. results]);
}
