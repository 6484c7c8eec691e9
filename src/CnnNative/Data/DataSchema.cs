// What a data set's samples consist of. A model is checked against it before the first step, so that a picture of the wrong size
// is an error with two shapes in it and not one from deep inside a convolution.

namespace CnnNative;

/// <summary>One value of a sample, such as its picture or its label.</summary>
/// <param name="Name">What error messages call it.</param>
/// <param name="Shape">The shape of one sample, without the batch: 28x28x1 for a gray picture, 1 for a class label.</param>
public readonly record struct DataField(string Name, Shape Shape);

/// <summary>The fields of each sample of an <see cref="IDataset"/>. Immutable.</summary>
public sealed class DataSchema
{
    /// <summary>Describes samples.</summary>
    /// <param name="inputs">What a network is given; at least one.</param>
    /// <param name="targets">What it shall answer; none for data without answers.</param>
    /// <param name="classNames">The names of the classes, if the first target is a class label: shape 1, the class's number
    /// counted from 0. Null for everything else.</param>
    /// <exception cref="ArgumentException">There is no input, a shape is the default value, a name is empty, or there are class
    /// names without a label.</exception>
    public DataSchema(
        IReadOnlyList<DataField> inputs, IReadOnlyList<DataField> targets, IReadOnlyList<string>? classNames = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(targets);
        if (inputs.Count == 0)
        {
            throw new ArgumentException("DataSchema: there are no inputs, expected at least one.", nameof(inputs));
        }

        Inputs = [.. inputs];
        Targets = [.. targets];
        foreach (DataField field in Inputs.Concat(Targets))
        {
            if (string.IsNullOrEmpty(field.Name) || field.Shape.Rank == 0)
            {
                throw new ArgumentException(
                    $"DataSchema: a field is '{field.Name}' of shape '{field.Shape}', expected a name and a shape.");
            }
        }

        if (classNames is not null)
        {
            if (classNames.Count == 0 || Targets.Count == 0 || Targets[0].Shape.ElementCount != 1)
            {
                string first = Targets.Count == 0 ? "missing" : $"{Targets[0].Shape}";
                throw new ArgumentException(
                    $"DataSchema: there are {classNames.Count} class names and the first target is {first}; expected names and a"
                    + " target of shape 1, which holds a class's number.", nameof(classNames));
            }

            ClassNames = [.. classNames];
        }
    }

    /// <summary>What a network is given.</summary>
    public IReadOnlyList<DataField> Inputs { get; }

    /// <summary>What it shall answer.</summary>
    public IReadOnlyList<DataField> Targets { get; }

    /// <summary>The names of the classes by their numbers; null where the first target is no class label.</summary>
    public IReadOnlyList<string>? ClassNames { get; }

    /// <summary>A schema of one input and a class label, as most sets of pictures have it.</summary>
    /// <param name="input">The shape of a picture: height x width x channels.</param>
    /// <param name="classNames">The names of the classes.</param>
    public static DataSchema OfLabeledImages(Shape input, IReadOnlyList<string> classNames) =>
        new([new DataField("image", input)], [new DataField("label", 1)], classNames);

    /// <summary>Whether two schemas have fields of the same shapes in the same order and the same class names.</summary>
    internal bool Matches(DataSchema other) =>
        Inputs.Select(field => field.Shape).SequenceEqual(other.Inputs.Select(field => field.Shape))
        && Targets.Select(field => field.Shape).SequenceEqual(other.Targets.Select(field => field.Shape))
        && (ClassNames ?? []).SequenceEqual(other.ClassNames ?? [], StringComparer.Ordinal);

    /// <summary>The shapes in words, such as "28x28x1 -> 1 (10 classes)".</summary>
    public override string ToString()
    {
        string shapes = $"{Join(Inputs)} -> {Join(Targets)}";
        return ClassNames is null ? shapes : $"{shapes} ({ClassNames.Count} classes)";
    }

    private static string Join(IReadOnlyList<DataField> fields) =>
        fields.Count == 0 ? "nothing" : string.Join(" + ", fields.Select(field => field.Shape.ToString()));
}
