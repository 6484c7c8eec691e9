// A data set in memory, which is what small ones are, and what most tests and experiments want. It shares what it is given and
// looks at it once: NaN and labels without a class are found here, with their place, and not in the middle of an epoch.

using System.Globalization;

namespace CnnNative;

/// <summary>Samples in memory: tensors, arrays of float32, or bytes that are scaled when they are read.</summary>
/// <remarks>Immutable as long as nobody writes to what it was made of; safe to use from several threads. Dispose it to let go
/// of tensors that it was made of; they stay their owner's.</remarks>
public sealed class TensorDataset : IDataset, IDisposable
{
    private readonly Column[] _inputs, _targets;
    private readonly string? _name;

    /// <summary>A data set over two tensors, whose memory it shares.</summary>
    /// <param name="inputs">The inputs, batch first: batch x height x width x channels for pictures.</param>
    /// <param name="targets">The targets, batch first; batch or batch x 1 for class labels.</param>
    /// <param name="classNames">The names of the classes, if the targets are class labels.</param>
    /// <exception cref="ShapeException">The two have different numbers of samples.</exception>
    /// <exception cref="DataException">A value is not finite, or a label is not the number of a class.</exception>
    public TensorDataset(Tensor inputs, Tensor targets, IReadOnlyList<string>? classNames = null)
        : this([("input", inputs)], [("target", targets)], classNames)
    {
    }

    /// <summary>A data set of several inputs or targets.</summary>
    /// <param name="inputs">The inputs with their names, each batch first.</param>
    /// <param name="targets">The targets with their names, each batch first.</param>
    /// <param name="classNames">The names of the classes, if the first target is a class label.</param>
    /// <exception cref="ShapeException">The tensors have different numbers of samples.</exception>
    /// <exception cref="DataException">A value is not finite, or a label is not the number of a class.</exception>
    public TensorDataset(
        IReadOnlyList<(string Name, Tensor Values)> inputs,
        IReadOnlyList<(string Name, Tensor Values)> targets,
        IReadOnlyList<string>? classNames = null)
        : this(Columns(inputs, targets), classNames)
    {
    }

    /// <summary>A data set over arrays, which it shares.</summary>
    /// <param name="inputs">The inputs, sample after sample.</param>
    /// <param name="inputShape">The shape of one input.</param>
    /// <param name="targets">The targets, sample after sample.</param>
    /// <param name="targetShape">The shape of one target; 1 for class labels.</param>
    /// <param name="classNames">The names of the classes, if the targets are class labels.</param>
    /// <exception cref="ShapeException">The numbers of values do not belong to the same number of samples.</exception>
    /// <exception cref="DataException">A value is not finite, or a label is not the number of a class.</exception>
    public TensorDataset(
        ReadOnlyMemory<float> inputs, Shape inputShape, ReadOnlyMemory<float> targets, Shape targetShape,
        IReadOnlyList<string>? classNames = null)
        : this(
            [new FloatColumn("input", inputShape, inputs)], [new FloatColumn("target", targetShape, targets)], classNames, null)
    {
    }

    internal TensorDataset(Column[] inputs, Column[] targets, IReadOnlyList<string>? classNames, string? name)
    {
        _inputs = inputs;
        _targets = targets;
        _name = name;
        try
        {
            Schema = new DataSchema(
                Array.ConvertAll(inputs, column => column.Field), Array.ConvertAll(targets, column => column.Field), classNames);
            Count = inputs[0].Count;
            Check(classNames?.Count);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private TensorDataset((Column[] Inputs, Column[] Targets) columns, IReadOnlyList<string>? classNames)
        : this(columns.Inputs, columns.Targets, classNames, null)
    {
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public DataSchema Schema { get; }

    /// <summary>A data set of pictures and class labels in bytes, which it shares. Each value is divided when it is
    /// read.</summary>
    /// <param name="pixels">The pictures, one after the other, channels innermost.</param>
    /// <param name="shape">The shape of a picture: height x width x channels.</param>
    /// <param name="labels">The classes' numbers.</param>
    /// <param name="classNames">The names of the classes.</param>
    /// <param name="divisor">What to divide values by; 255 brings them to 0..1.</param>
    /// <exception cref="ShapeException">There are not as many labels as pictures.</exception>
    /// <exception cref="DataException">A label is not the number of a class.</exception>
    public static TensorDataset FromBytes(
        ReadOnlyMemory<byte> pixels, Shape shape, ReadOnlyMemory<byte> labels, IReadOnlyList<string> classNames,
        float divisor = 255) =>
        FromBytes(pixels, shape, labels, classNames, divisor, null);

    /// <inheritdoc/>
    public void Read(int index, in Sample sample)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        for (int i = 0; i < _inputs.Length; i++)
        {
            _inputs[i].Read(index, sample.GetInput(i));
        }

        for (int i = 0; i < _targets.Length; i++)
        {
            _targets[i].Read(index, sample.GetTarget(i));
        }
    }

    /// <inheritdoc/>
    public string NameOf(int index) => _name is null ? $"sample {index}" : $"{_name}[{index}]";

    /// <inheritdoc/>
    public int LabelOf(int index) => Schema.ClassNames is null
        ? throw new InvalidOperationException($"TensorDataset{Of(_name)}: the samples ({Schema}) have no class labels.")
        : (int)_targets[0].ReadOne(index);

    /// <summary>Lets go of tensors. Calling it again does nothing.</summary>
    public void Dispose()
    {
        foreach (IDisposable column in _inputs.Concat(_targets).OfType<IDisposable>())
        {
            column.Dispose();
        }
    }

    internal static TensorDataset FromBytes(
        ReadOnlyMemory<byte> pixels, Shape shape, ReadOnlyMemory<byte> labels, IReadOnlyList<string> classNames,
        float divisor, string? name)
    {
        if (!(Math.Abs(divisor) > 0) || !float.IsFinite(divisor))
        {
            throw new ArgumentOutOfRangeException(nameof(divisor), divisor, "Expected a finite number, not 0.");
        }

        return new TensorDataset(
            [new ByteColumn("image", shape, pixels, divisor)], [new ByteColumn("label", 1, labels, 1)], classNames, name);
    }

    private static string Of(string? name) => name is null ? "" : $" {name}";

    private static (Column[] Inputs, Column[] Targets) Columns(
        IReadOnlyList<(string Name, Tensor Values)> inputs, IReadOnlyList<(string Name, Tensor Values)> targets)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(targets);
        List<TensorColumn> made = [];
        try
        {
            foreach ((string name, Tensor values) in inputs.Concat(targets))
            {
                ArgumentNullException.ThrowIfNull(values);
                int[] dimensions = values.Shape.ToArray();
                made.Add(new TensorColumn(name, dimensions.Length == 1 ? 1 : new Shape(dimensions.AsSpan(1)), values));
            }
        }
        catch
        {
            made.ForEach(column => column.Dispose());
            throw;
        }

        return ([.. made[..inputs.Count]], [.. made[inputs.Count..]]);
    }

    private void Check(int? classes)
    {
        foreach (Column column in _inputs.Concat(_targets))
        {
            if (column.Count != Count)
            {
                throw new ShapeException(
                    $"TensorDataset{Of(_name)}: the field '{column.Field.Name}' has {column.Count} samples,"
                    + $" '{_inputs[0].Field.Name}' has {Count}; expected the same number.");
            }
        }

        CheckFinite();
        if (classes is { } count)
        {
            CheckLabels(count);
        }
    }

    private void CheckFinite()
    {
        foreach (Column column in _inputs.Concat(_targets).Where(column => column is not ByteColumn))
        {
            var values = new float[column.Field.Shape.ElementCount];
            for (int i = 0; i < Count; i++)
            {
                column.Read(i, values);
                int place = FiniteValues.IndexOfOther(values);
                if (place >= 0)
                {
                    throw new DataException(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"TensorDataset{Of(_name)}: value {place} of sample {i} of the field '{column.Field.Name}' is"
                            + $" {values[place]}, expected finite numbers."),
                        i, NameOf(i));
                }
            }
        }
    }

    private void CheckLabels(int classes)
    {
        for (int i = 0; i < Count; i++)
        {
            float label = _targets[0].ReadOne(i);
            if (label < 0 || label >= classes || label != MathF.Floor(label))
            {
                throw new DataException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"TensorDataset{Of(_name)}: the label of sample {i} is {label}, expected a whole number from 0 to"
                        + $" {classes - 1}."),
                    i, NameOf(i));
            }
        }
    }
}
