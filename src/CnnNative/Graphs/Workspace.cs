// The one block of memory that a run works in, and the tensors that are views into it. Executors for other shapes can work in the
// same block, one after the other.

using CnnNative.Operators;

namespace CnnNative.Graphs;

/// <summary>A block for a memory plan, and its views.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly Tensor _block;
    private readonly bool _ownsBlock;
    private readonly List<Tensor> _views = [];

    /// <summary>Takes the block of another workspace where it is large enough, which must outlive this one; else allocates.</summary>
    public Workspace(MemoryPlan plan, Workspace? shared = null)
    {
        long elements = Math.Max(1, plan.Bytes / sizeof(float));
        if (elements > int.MaxValue)
        {
            throw new InsufficientMemoryException(
                $"The run needs {plan.Bytes / (1 << 20)} MB in one block, expected less than 8192 MB. Use a smaller batch or a MemoryBudget.");
        }

        _ownsBlock = shared is null || shared._block.ElementCount < elements;
        _block = _ownsBlock ? Tensor.Uninitialized((int)elements, kind: NativeHandleKind.Workspace) : shared!._block;
    }

    /// <summary>The tensor of an item, or of a part of it from a byte on.</summary>
    public Tensor View(MemoryItem item, ValueSpec spec, long offset = 0)
    {
        Tensor view = _block.ViewBytes(item.Place!.Offset + offset, spec.Shape, spec.Type);
        _views.Add(view);
        return view;
    }

    /// <summary>The tensors of items that a node works in.</summary>
    public Tensor[] Views(WorkingItem[] items) => [.. items.Select(working => View(working.Item, working.Spec))];

    /// <summary>Frees the views, and the block unless it is another's.</summary>
    public void Dispose()
    {
        foreach (Tensor view in _views)
        {
            view.Dispose();
        }

        if (_ownsBlock)
        {
            _block.Dispose();
        }
    }
}
