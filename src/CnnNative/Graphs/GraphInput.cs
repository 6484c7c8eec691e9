// What a graph says of its inputs: a name, and dimensions of which some are open until it is compiled, such as the batch.

namespace CnnNative;

/// <summary>A dimension of a graph's input: a size, or a name for one that is open.</summary>
public readonly record struct Dimension
{
    private Dimension(int size, string? symbol)
    {
        Size = size;
        Symbol = symbol;
    }

    /// <summary>The open dimension that stands for the number of samples.</summary>
    public static Dimension Batch => Open("batch");

    /// <summary>The size; 0 for an open dimension.</summary>
    public int Size { get; }

    /// <summary>The name of an open dimension; null for a fixed one. Dimensions of one name have one size.</summary>
    public string? Symbol { get; }

    /// <summary>Whether the size is given only when the graph is compiled.</summary>
    public bool IsOpen => Symbol is not null;

    /// <summary>A fixed size.</summary>
    /// <param name="size">At least 0.</param>
    public static implicit operator Dimension(int size) => Fixed(size);

    /// <summary>A fixed size.</summary>
    /// <param name="size">At least 0.</param>
    /// <exception cref="ShapeException">It is less.</exception>
    public static Dimension Fixed(int size) =>
        size >= 0 ? new(size, null) : throw new ShapeException($"Dimension: the size is {size}, expected at least 0.");

    /// <summary>An open dimension.</summary>
    /// <param name="symbol">Its name.</param>
    public static Dimension Open(string symbol)
    {
        ArgumentException.ThrowIfNullOrEmpty(symbol);
        return new Dimension(0, symbol);
    }

    /// <summary>The size or the name.</summary>
    public override string ToString() => Symbol ?? Size.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>The declaration of a graph's input.</summary>
public sealed class GraphInput
{
    /// <summary>Declares an input.</summary>
    /// <param name="name">Its name, unique among the graph's inputs.</param>
    /// <param name="dimensions">Its dimensions, outermost first.</param>
    /// <param name="type">The type of its elements.</param>
    /// <param name="sourceOrder">See <see cref="SourceOrder"/>.</param>
    /// <exception cref="ArgumentException">The order does not have each dimension once.</exception>
    public GraphInput(
        string name, IReadOnlyList<Dimension> dimensions, ElementType type = ElementType.Float32,
        IReadOnlyList<int>? sourceOrder = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(dimensions);
        Name = name;
        Dimensions = [.. dimensions];
        Type = type;
        SourceOrder = Graphs.SourceOrder.Check(sourceOrder, Dimensions.Count);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The dimensions, outermost first.</summary>
    public IReadOnlyList<Dimension> Dimensions { get; }

    /// <summary>The type of the elements.</summary>
    public ElementType Type { get; }

    /// <summary>For each dimension, outermost first, which dimension it was in the file that the graph was imported from: 0, 2,
    /// 3, 1 for a picture that had its channels before its pixels. Null for a graph that was made here.</summary>
    public IReadOnlyList<int>? SourceOrder { get; }

    /// <summary>An input of samples: an open batch before the dimensions of one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="sample">The shape of one sample, such as 28 x 28 x 1.</param>
    public static GraphInput OfSamples(string name, Shape sample)
    {
        List<Dimension> dimensions = [Dimension.Batch];
        foreach (int size in sample)
        {
            dimensions.Add(size);
        }

        return new GraphInput(name, dimensions);
    }

    /// <summary>The shape for a number of samples, where every open dimension is the batch.</summary>
    /// <param name="batch">The number of samples.</param>
    /// <exception cref="ShapeException">Another dimension than the batch is open.</exception>
    public Shape ForBatch(int batch)
    {
        int[] sizes = new int[Dimensions.Count];
        for (int i = 0; i < sizes.Length; i++)
        {
            Dimension dimension = Dimensions[i];
            if (dimension.IsOpen && dimension != Dimension.Batch)
            {
                throw new ShapeException($"Input '{Name}': dimension {i} is '{dimension}'; give the shape of the whole input.");
            }

            sizes[i] = dimension.IsOpen ? batch : dimension.Size;
        }

        return new Shape(sizes);
    }

    /// <summary>Whether a shape fits the declaration.</summary>
    /// <param name="shape">The shape.</param>
    public bool Accepts(Shape shape)
    {
        if (shape.Rank != Dimensions.Count)
        {
            return false;
        }

        for (int i = 0; i < shape.Rank; i++)
        {
            if (!Dimensions[i].IsOpen && Dimensions[i].Size != shape[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The name and the dimensions, such as "image batch x 28 x 28 x 1".</summary>
    public override string ToString() => $"{Name} {string.Join(" x ", Dimensions)}";
}
