// Samples that say which one they are, with as many inputs and targets as a test asks for, and troubles at a chosen index.

namespace CnnNative.Tests.Data;

internal sealed class NumberedDataset(int count, int inputs = 1, int targets = 1, int classes = 0) : IDataset
{
    public int Count => count;

    public DataSchema Schema { get; } = new(
        [.. Enumerable.Range(0, inputs).Select(i => new DataField($"input{i}", (2, 3, 1)))],
        [.. Enumerable.Range(0, targets).Select(i => new DataField($"target{i}", 1))],
        classes == 0 ? null : [.. Enumerable.Range(0, classes).Select(i => $"class {i}")]);

    /// <summary>What happens when a sample is read, before its fields are filled.</summary>
    public Action<int>? OnRead { get; init; }

    /// <summary>The last word on a sample's input.</summary>
    public Func<int, float>? Value { get; init; }

    public Func<int, float>? Label { get; init; }

    public string NameOf(int index) => $"number-{index}.png";

    public void Read(int index, in Sample sample)
    {
        OnRead?.Invoke(index);
        for (int i = 0; i < Schema.Inputs.Count; i++)
            sample.GetInput(i).Fill((Value?.Invoke(index) ?? index) + 1000 * i);
        for (int i = 0; i < Schema.Targets.Count; i++)
            sample.GetTarget(i).Fill((Label?.Invoke(index) ?? (classes == 0 ? index : index % classes)) + 1000 * i);
    }
}
