// What a graph holds besides its structure: weights that are trained, statistics that are kept. A parameter is shared by every
// graph that was made of the one it belongs to, so that a fused graph sees what training changes.

namespace CnnNative;

/// <summary>What a <see cref="Parameter"/> is, which decides how training treats it.</summary>
public enum ParameterRole
{
    /// <summary>Weights of a convolution or a fully connected layer: weight decay applies.</summary>
    Weight = 0,

    /// <summary>A bias, or the scale and shift of a normalisation: trained, usually without weight decay.</summary>
    Bias = 1,

    /// <summary>Running statistics: updated by the forward pass in training, never by gradients.</summary>
    Statistic = 2,

    /// <summary>A constant: never changed.</summary>
    Constant = 3,
}

/// <summary>A tensor that belongs to a <see cref="Graph"/>: weights, biases, running statistics, constants.</summary>
/// <remarks>Not safe to change while a graph that has it runs.</remarks>
public sealed class Parameter : IDisposable
{
    /// <summary>Makes a parameter.</summary>
    /// <param name="name">Its name, unique in the graph, such as "conv1.weight".</param>
    /// <param name="value">Its value; the parameter takes it over and disposes it.</param>
    /// <param name="role">What it is.</param>
    /// <exception cref="ArgumentException">The elements are not float32, and it is not a constant.</exception>
    public Parameter(string name, Tensor value, ParameterRole role = ParameterRole.Weight)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(value);
        if (value.ElementType != ElementType.Float32 && role != ParameterRole.Constant)
        {
            throw new ArgumentException($"Parameter '{name}' is a {role} of {value.ElementType}, expected Float32 for all but constants.", nameof(value));
        }

        Name = name;
        Value = value;
        Role = role;
        Trainable = role is ParameterRole.Weight or ParameterRole.Bias;
    }

    /// <summary>The name, unique in the graph.</summary>
    public string Name { get; }

    /// <summary>The tensor; the parameter owns it. Training may move it, so do not keep it.</summary>
    public Tensor Value { get; private set; }

    /// <summary>The shape.</summary>
    public Shape Shape => Value.Shape;

    /// <summary>What it is.</summary>
    public ParameterRole Role { get; }

    /// <summary>The type of the elements.</summary>
    public ElementType Type => Value.ElementType;

    /// <summary>Whether training changes it by gradients. Set it to false to freeze it.</summary>
    /// <exception cref="InvalidOperationException">Statistics and constants cannot be trained.</exception>
    public bool Trainable
    {
        get;
        set
        {
            if (value && Role is ParameterRole.Statistic or ParameterRole.Constant)
            {
                throw new InvalidOperationException($"Parameter '{Name}' is a {Role}, which gradients cannot train.");
            }

            field = value;
        }
    }

    /// <summary>Frees the tensor.</summary>
    public void Dispose() => Value.Dispose();

    /// <summary>The name and the shape.</summary>
    public override string ToString() => $"{Name} ({Shape})";

    /// <summary>Makes a parameter that has a shape and takes no memory before <see cref="Allocate"/>.</summary>
    internal static Parameter Planned(string name, Shape shape, ParameterRole role) => shape.ElementCount <= int.MaxValue
        ? new(name, Tensor.Deferred(new UnsetSource(shape.ElementCount * sizeof(float)), shape), role)
        : throw new ShapeException($"Parameter '{name}': shape {shape} has {shape.ElementCount} elements, expected at most {int.MaxValue}.");

    /// <summary>Gives a planned parameter its memory, of undefined content.</summary>
    internal void Allocate()
    {
        if (Value.Pending is UnsetSource)
        {
            Tensor memory = Tensor.Uninitialized(Shape);
            Value.Dispose();
            Value = memory;
        }
    }

    /// <summary>Moves the elements to another tensor of the same shape, which the parameter takes over.</summary>
    internal void MoveTo(Tensor place)
    {
        using (TensorAccess elements = Value.Access())
        {
            place.CopyFrom(elements.Values);
        }

        Value.Dispose();
        Value = place;
    }
}
