// Where the values of a run lie in one block of memory. Each value is an item with a lifetime in steps; items whose lifetimes do
// not overlap share memory, and an item may take over the place of one that dies as it is born. Known before anything runs.

using CnnNative.Operators;

namespace CnnNative.Graphs;

/// <summary>A value in a memory plan.</summary>
internal sealed class MemoryItem(string name, long bytes)
{
    /// <summary>What it is, for reports.</summary>
    public string Name { get; } = name;

    /// <summary>Its size.</summary>
    public long Bytes { get; } = bytes;

    /// <summary>The step that first touches it.</summary>
    public int First { get; private set; } = int.MaxValue;

    /// <summary>The step that last touches it.</summary>
    public int Last { get; private set; } = -1;

    /// <summary>The steps that write it.</summary>
    public List<int> Writes { get; } = [];

    /// <summary>The place that it was given.</summary>
    public MemoryPlace? Place { get; internal set; }

    /// <summary>Notes that a step reads it, or holds it.</summary>
    public void Read(int step)
    {
        First = Math.Min(First, step);
        Last = Math.Max(Last, step);
    }

    /// <summary>Notes that a step writes it.</summary>
    public void Write(int step)
    {
        Read(step);
        Writes.Add(step);
    }
}

/// <summary>A place in the block, which serves several items.</summary>
internal sealed class MemoryPlace
{
    /// <summary>The items that live here.</summary>
    public List<MemoryItem> Items { get; } = [];

    /// <summary>Bytes from the start of the block.</summary>
    public long Offset { get; internal set; }

    /// <summary>The largest item.</summary>
    public long Bytes { get; private set; }

    /// <summary>The first step of any item.</summary>
    public int First { get; private set; } = int.MaxValue;

    /// <summary>The last step of any item.</summary>
    public int Last { get; private set; } = -1;

    /// <summary>Adds an item, whose lifetime does not change any more.</summary>
    public void Add(MemoryItem item)
    {
        Items.Add(item);
        item.Place = this;
        Bytes = Math.Max(Bytes, item.Bytes);
        First = Math.Min(First, item.First);
        Last = Math.Max(Last, item.Last);
    }
}

/// <summary>Makes the plan: items and wishes are added, then everything is placed at once.</summary>
internal sealed class MemoryPlan
{
    /// <summary>Every place starts at a multiple of this: a cache line, and the widest vector.</summary>
    public const int Alignment = 64;

    private readonly List<MemoryItem> _items = [];
    private readonly List<Wish> _wishes = [];

    /// <summary>All items.</summary>
    public IReadOnlyList<MemoryItem> Items => _items;

    /// <summary>The size of the block, once placed.</summary>
    public long Bytes { get; private set; }

    /// <summary>What the items of the busiest step need at least: no plan can do with less.</summary>
    public long LowerBound { get; private set; }

    /// <summary>Adds an item.</summary>
    public MemoryItem Add(string name, long bytes)
    {
        MemoryItem item = new(name, bytes);
        _items.Add(item);
        return item;
    }

    /// <summary>Adds items that are written at a step.</summary>
    public WorkingItem[] AddWorking(string name, List<ValueSpec> specs, int step)
    {
        WorkingItem[] items = [.. specs.Select((spec, i) => new WorkingItem(Add($"{name} {i}", spec.Bytes), spec))];
        foreach (WorkingItem working in items)
        {
            working.Item.Write(step);
        }

        return items;
    }

    /// <summary>The item is another one under a new name or shape, from a step on.</summary>
    public void View(MemoryItem item, MemoryItem of, int step) => _wishes.Add(new Wish(item, of, step, Required: true, []));

    /// <summary>The item may lie where another one lies, if nobody is hurt; ask <see cref="Share"/> afterwards.</summary>
    /// <param name="item">The item, which is born in this step.</param>
    /// <param name="with">The other one.</param>
    /// <param name="step">The step.</param>
    /// <param name="apart">Items that the step reads while it writes, which therefore lie elsewhere.</param>
    public void Wish(MemoryItem item, MemoryItem with, int step, params ReadOnlySpan<MemoryItem?> apart) =>
        _wishes.Add(new Wish(item, with, step, Required: false, apart.ToArray()));

    /// <summary>Lets the output of an operator lie where one of its inputs lies, for each input where it can run so.</summary>
    public void WishInPlace(Operator operation, MemoryItem?[] inputs, MemoryItem output, int step)
    {
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] is { } input && input.Bytes == output.Bytes && operation.RunsInPlace(i))
            {
                Wish(output, input, step, [.. inputs.Where((_, other) => other != i && !operation.RunsInPlace(other))]);
            }
        }
    }

    /// <summary>Whether two items came to lie in one place.</summary>
    public static bool Share(MemoryItem item, MemoryItem other) => item.Place is not null && ReferenceEquals(item.Place, other.Place);

    /// <summary>Places everything.</summary>
    public void Place()
    {
        foreach (Wish wish in _wishes)
        {
            MemoryPlace place = PlaceOf(wish.With);
            if (wish.Required || (wish.Item.Place is null && wish.Item.Bytes <= place.Bytes && IsHarmless(wish, place)))
            {
                place.Add(wish.Item);
            }
        }

        HashSet<MemoryPlace> places = [.. _items.Select(PlaceOf)];
        Arrange([.. places.OrderByDescending(place => place.Bytes).ThenBy(place => place.First)]);
    }

    private static MemoryPlace PlaceOf(MemoryItem item)
    {
        if (item.Place is null)
        {
            new MemoryPlace().Add(item);
        }

        return item.Place!;
    }

    /// <summary>Whether an item that is born at a step can join: nothing it writes is still needed, and nobody writes what it
    /// still needs. What a step reads it may write over itself, because only steps that can do so make such a wish.</summary>
    private static bool IsHarmless(in Wish wish, MemoryPlace place)
    {
        (MemoryItem item, int step) = (wish.Item, wish.Step);
        foreach (MemoryItem other in place.Items)
        {
            if (Array.IndexOf(wish.Apart, other) >= 0)
            {
                return false;
            }

            foreach (int write in item.Writes)
            {
                if (other.Last > write || (other.Last == write && write > step))
                {
                    return false;
                }
            }

            foreach (int write in other.Writes)
            {
                if (write > step && item.Last >= write)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Largest first, each into the tightest gap between the places that live at the same time.</summary>
    private void Arrange(MemoryPlace[] places)
    {
        // By offset. Loops without enumerators, because they run for each pair of places.
        List<MemoryPlace> placed = new(places.Length);
        foreach (MemoryPlace place in places)
        {
            long size = Aligned(place.Bytes), end = 0, best = -1, bestGap = long.MaxValue;
            foreach (MemoryPlace other in placed)
            {
                if (other.First > place.Last || place.First > other.Last)
                {
                    continue;
                }

                long gap = other.Offset - end;
                if (gap >= size && gap < bestGap)
                {
                    (best, bestGap) = (end, gap);
                }

                end = Math.Max(end, other.Offset + Aligned(other.Bytes));
            }

            place.Offset = best >= 0 ? best : end;
            int index = placed.Count;
            while (index > 0 && placed[index - 1].Offset > place.Offset)
            {
                index--;
            }

            placed.Insert(index, place);
            Bytes = Math.Max(Bytes, place.Offset + size);
            LowerBound = Math.Max(LowerBound, BytesAt(place.First, places));
        }
    }

    /// <summary>What the places that live at a step need together.</summary>
    private static long BytesAt(int step, MemoryPlace[] places)
    {
        long bytes = 0;
        foreach (MemoryPlace place in places)
        {
            bytes += place.First <= step && step <= place.Last ? Aligned(place.Bytes) : 0;
        }

        return bytes;
    }

    private static long Aligned(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;
}

/// <summary>A wish of a memory plan: that an item lies where another one does, but not where those lie that are to be apart.</summary>
internal readonly record struct Wish(MemoryItem Item, MemoryItem With, int Step, bool Required, MemoryItem?[] Apart);
