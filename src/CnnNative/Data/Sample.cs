// Where a data set writes a sample: rows of a batch's tensors, or arrays of the caller. Only spans are handed out, so that the
// loader can point at native memory and nobody copies twice.

namespace CnnNative;

/// <summary>The memory of one sample's fields, which <see cref="IDataset.Read"/> fills.</summary>
public readonly ref struct Sample
{
    private readonly ISampleRows? _rows;
    private readonly int _row;

    /// <summary>A sample of one input and one target.</summary>
    /// <param name="input">The memory of the input.</param>
    /// <param name="target">The memory of the target; empty if there is none.</param>
    public Sample(Span<float> input, Span<float> target)
    {
        Input = input;
        Target = target;
    }

    internal Sample(ISampleRows rows, int row)
        : this(rows, row, rows.InputRow(0, row), rows.TargetCount == 0 ? [] : rows.TargetRow(0, row))
    {
    }

    /// <summary>A row of which the first fields lie elsewhere.</summary>
    internal Sample(ISampleRows rows, int row, Span<float> input, Span<float> target)
        : this(input, target)
    {
        _rows = rows;
        _row = row;
    }

    /// <summary>The first input, row-major; height x width x channels for pictures.</summary>
    public Span<float> Input { get; }

    /// <summary>The first target; empty where the schema has none.</summary>
    public Span<float> Target { get; }

    /// <summary>An input, in the order of <see cref="DataSchema.Inputs"/>.</summary>
    /// <param name="field">Which input.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sample has no such input.</exception>
    public Span<float> GetInput(int field)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(field);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(field, _rows?.InputCount ?? 1);
        return field == 0 ? Input : _rows!.InputRow(field, _row);
    }

    /// <summary>A target, in the order of <see cref="DataSchema.Targets"/>.</summary>
    /// <param name="field">Which target.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sample has no such target.</exception>
    public Span<float> GetTarget(int field)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(field);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(field, _rows?.TargetCount ?? (Target.IsEmpty ? 0 : 1));
        return field == 0 ? Target : _rows!.TargetRow(field, _row);
    }
}

/// <summary>What has the memory of samples, one below the other.</summary>
internal interface ISampleRows
{
    int InputCount { get; }

    int TargetCount { get; }

    Span<float> InputRow(int field, int row);

    Span<float> TargetRow(int field, int row);
}

/// <summary>Memory for one sample, to read a data set without a <see cref="DataLoader"/>. One thread at a time.</summary>
public sealed class SampleBuffer : ISampleRows
{
    private readonly float[][] _inputs, _targets;

    /// <summary>Takes memory for a sample of each field's shape.</summary>
    /// <param name="schema">The data set's schema.</param>
    public SampleBuffer(DataSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        _inputs = [.. schema.Inputs.Select(field => new float[field.Shape.ElementCount])];
        _targets = [.. schema.Targets.Select(field => new float[field.Shape.ElementCount])];
    }

    /// <summary>The memory, as <see cref="IDataset.Read"/> takes it.</summary>
    public Sample Sample => new(this, 0);

    int ISampleRows.InputCount => _inputs.Length;

    int ISampleRows.TargetCount => _targets.Length;

    /// <summary>An input as it was read last.</summary>
    /// <param name="field">Which input.</param>
    public ReadOnlySpan<float> GetInput(int field) => _inputs[field];

    /// <summary>A target as it was read last.</summary>
    /// <param name="field">Which target.</param>
    public ReadOnlySpan<float> GetTarget(int field) => _targets[field];

    Span<float> ISampleRows.InputRow(int field, int row) => _inputs[field];

    Span<float> ISampleRows.TargetRow(int field, int row) => _targets[field];
}
