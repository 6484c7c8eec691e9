// Which output of a network is trained by which loss, and how much each counts.

using System.Collections;

namespace CnnNative;

/// <summary>The loss of one output.</summary>
/// <param name="Output">The output's name; null for the network's only one.</param>
/// <param name="Loss">The loss.</param>
/// <param name="Weight">What it is multiplied by in the sum of all losses.</param>
public sealed record OutputLoss(string? Output, Loss Loss, double Weight = 1);

/// <summary>The losses of a network's outputs; what is made small is their weighted sum. A single loss is a set by
/// itself.</summary>
/// <remarks>For several outputs: <c>new LossSet { { "class", new CrossEntropyLoss() }, { "box", new HuberLoss(), 0.5 } }</c>.
/// Each loss takes the target of the output's name, where the data has one of that name, and else the targets in their
/// order.</remarks>
public sealed class LossSet : IEnumerable<OutputLoss>
{
    private readonly List<OutputLoss> _losses = [];

    /// <summary>Makes an empty set, to which losses are added.</summary>
    public LossSet()
    {
    }

    /// <summary>Makes a set of one loss, for a network's only output.</summary>
    /// <param name="loss">The loss.</param>
    public LossSet(Loss loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        _losses.Add(new OutputLoss(null, loss));
    }

    /// <summary>The number of losses.</summary>
    public int Count => _losses.Count;

    /// <summary>A loss by its place.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    public OutputLoss this[int index] => _losses[index];

    /// <summary>A single loss as a set.</summary>
    /// <param name="loss">The loss.</param>
    public static implicit operator LossSet(Loss loss) => new(loss);

    /// <summary>A single loss as a set.</summary>
    /// <param name="loss">The loss.</param>
    public static LossSet FromLoss(Loss loss) => new(loss);

    /// <summary>Adds the loss of an output.</summary>
    /// <param name="output">The output's name.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="weight">What it is multiplied by; finite and not negative.</param>
    /// <exception cref="ArgumentException">The output has a loss already, or the weight is out of range.</exception>
    public void Add(string output, Loss loss, double weight = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(output);
        ArgumentNullException.ThrowIfNull(loss);
        if (!(weight >= 0) || double.IsInfinity(weight))
        {
            throw new ArgumentException(
                $"LossSet: the weight of '{output}' is {weight}, expected a finite number from 0 on.", nameof(weight));
        }

        if (_losses.Exists(known => known.Output is null || known.Output == output))
        {
            throw new ArgumentException(
                $"LossSet: the output '{output}' has a loss already, expected one for each output.", nameof(output));
        }

        _losses.Add(new OutputLoss(output, loss, weight));
    }

    /// <summary>The losses in their order.</summary>
    public IEnumerator<OutputLoss> GetEnumerator() => _losses.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
