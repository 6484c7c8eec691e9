// How the dimensions of a value as ONNX sees it lie in memory. Memory is a row of factors, outermost first, and each dimension is
// a list of factors; so a transpose or a flatten changes the lists and moves nothing, and what was permuted can be permuted back
// for free.

namespace CnnNative.Onnx.Importing;

/// <summary>A part of a dimension that lies together in memory.</summary>
internal sealed class Factor(int size)
{
    /// <summary>How many elements it counts.</summary>
    public int Size => size;
}

/// <summary>The layout of a value; immutable.</summary>
internal sealed class DimLayout
{
    private DimLayout(Factor[] memory, Factor[][] dims)
    {
        Memory = memory;
        Dims = dims;
        Shape = new Shape([.. dims.Select(dim => dim.Aggregate(1, (product, factor) => checked(product * factor.Size)))]);
    }

    /// <summary>The factors in the order of memory.</summary>
    public Factor[] Memory { get; }

    /// <summary>For each dimension its factors, outermost first; at least one.</summary>
    public Factor[][] Dims { get; }

    /// <summary>The shape as ONNX sees it.</summary>
    public Shape Shape { get; }

    /// <summary>Whether memory has ONNX's order.</summary>
    public bool IsPlain => IsInOrder(Dims.SelectMany(dim => dim));

    /// <summary>The layout that ONNX has.</summary>
    public static DimLayout Plain(Shape shape) => Ordered(shape, [.. Enumerable.Range(0, shape.Rank)]);

    /// <summary>Whole dimensions in another order.</summary>
    /// <param name="shape">The shape as ONNX sees it.</param>
    /// <param name="order">For each place in memory the dimension that stands there.</param>
    public static DimLayout Ordered(Shape shape, ReadOnlySpan<int> order)
    {
        Factor[] memory = new Factor[order.Length];
        Factor[][] dims = new Factor[order.Length][];
        for (int i = 0; i < order.Length; i++)
        {
            memory[i] = new Factor(shape[order[i]]);
            dims[order[i]] = [memory[i]];
        }

        return new DimLayout(memory, dims);
    }

    /// <summary>The order of dimensions with channels innermost.</summary>
    public static int[] ChannelsLast(int rank) => rank < 3
        ? [.. Enumerable.Range(0, rank)]
        : [0, .. Enumerable.Range(2, rank - 2), 1];

    /// <summary>Whether factors, but for those of size 1, come in the order of memory.</summary>
    public bool IsInOrder(IEnumerable<Factor> factors)
    {
        int last = -1;
        foreach (Factor factor in factors.Where(factor => factor.Size != 1))
        {
            int place = Array.IndexOf(Memory, factor);
            if (place < last)
            {
                return false;
            }

            last = place;
        }

        return true;
    }

    /// <summary>Dimension i becomes what dimension permutation[i] was.</summary>
    public DimLayout Transpose(ReadOnlySpan<int> permutation)
    {
        Factor[][] dims = new Factor[permutation.Length][];
        for (int i = 0; i < dims.Length; i++)
        {
            dims[i] = Dims[permutation[i]];
        }

        return new DimLayout(Memory, dims);
    }

    /// <summary>The dimension's place in memory, where it lies together.</summary>
    /// <returns>Whether it does.</returns>
    public bool TryGetAxis(int dim, out int axis)
    {
        axis = Array.IndexOf(Memory, Dims[dim][0]);
        return Dims[dim].Length == 1;
    }

    /// <summary>The order of whole dimensions that is nearest to that of memory: each stands where its largest factor
    /// does.</summary>
    public int[] WholeOrder() =>
        [.. Enumerable.Range(0, Dims.Length).OrderBy(dim => Array.IndexOf(Memory, Dims[dim].MaxBy(factor => factor.Size)))];

    /// <summary>The places in memory of all factors of some dimensions.</summary>
    public int[] AxesOf(IEnumerable<int> dims) =>
        [.. dims.SelectMany(dim => Dims[dim]).Select(factor => Array.IndexOf(Memory, factor)).Order()];

    /// <summary>The same memory with dimensions of other sizes.</summary>
    /// <param name="sizes">The new size of each place in memory.</param>
    public DimLayout WithSizes(ReadOnlySpan<int> sizes)
    {
        Factor[] memory = new Factor[Memory.Length];
        for (int i = 0; i < memory.Length; i++)
        {
            memory[i] = new Factor(sizes[i]);
        }

        return new DimLayout(memory, [
            .. Dims.Select(dim => dim.Select(factor => memory[Array.IndexOf(Memory, factor)]).ToArray())]);
    }

    /// <summary>The memory without some dimensions, which are gone.</summary>
    public DimLayout Without(IReadOnlyCollection<int> dims)
    {
        HashSet<Factor> gone = [.. dims.SelectMany(dim => Dims[dim])];
        return new DimLayout([.. Memory.Where(factor => !gone.Contains(factor))], [.. Dims.Where((_, i) => !dims.Contains(i))]);
    }

    /// <summary>The same elements in another shape, where that needs no move: every new dimension is made of whole factors, or of
    /// parts into which a factor can be cut.</summary>
    /// <returns>Null where elements would have to move.</returns>
    public DimLayout? Reshape(Shape shape)
    {
        if (shape.ElementCount != Shape.ElementCount)
        {
            throw new ShapeException($"{Shape} has {Shape.ElementCount} elements, which do not fit into {shape}.");
        }

        if (shape.ElementCount == 0)
        {
            return Plain(shape);
        }

        List<Factor> memory = [.. Memory.Where(factor => factor.Size != 1)];
        LinkedList<Factor> rest = new(Dims.SelectMany(dim => dim).Where(factor => factor.Size != 1));
        Factor[][] dims = new Factor[shape.Rank][];
        Factor? last = null;
        for (int i = 0; i < dims.Length; i++)
        {
            List<Factor> dim = [];
            for (int open = shape[i]; open > 1;)
            {
                Factor factor = rest.First!.Value;
                rest.RemoveFirst();
                if (open % factor.Size != 0)
                {
                    if (factor.Size % open != 0)
                    {
                        return null;
                    }

                    Factor outer = new(open), inner = new(factor.Size / open);
                    int place = memory.IndexOf(factor);
                    memory[place] = outer;
                    memory.Insert(place + 1, inner);
                    rest.AddFirst(inner);
                    factor = outer;
                }

                open /= factor.Size;
                dim.Add(factor);
            }

            if (dim.Count == 0)
            {
                dim.Add(new Factor(1));
                memory.Insert(last is null ? 0 : memory.IndexOf(last) + 1, dim[0]);
            }

            dims[i] = [.. dim];
            last = dim[^1];
        }

        return new DimLayout([.. memory], dims);
    }

    /// <summary>Cuts factors so that each dimension has factors of the sizes of another layout's, where the dimension is not
    /// 1.</summary>
    /// <returns>Null where that cannot be.</returns>
    public DimLayout? CutLike(DimLayout other)
    {
        if (Shape.ElementCount == 0)
        {
            return null;
        }

        List<int> sizes = [];
        for (int i = 0; i < Dims.Length; i++)
        {
            Factor[] like = other.Shape[i] == 1 ? Dims[i] : other.Dims[i];
            sizes.AddRange(Shape[i] == 1 ? [1] : like.Where(factor => factor.Size != 1).Select(factor => factor.Size));
        }

        Shape cut = new([.. sizes.Where(size => size != 1)]);
        if (cut.Rank > Shape.MaxRank || Reshape(cut) is not { } layout || layout.Dims.Any(dim => dim.Length > 1))
        {
            return null;
        }

        // The cut dimensions are put together again, each of the factors that are its own now.
        int next = 0;
        Factor[][] dims = new Factor[Dims.Length][];
        List<Factor> memory = [.. layout.Memory];
        for (int i = 0; i < dims.Length; i++)
        {
            List<Factor> dim = [];
            for (int open = Shape[i]; open > 1; next++)
            {
                dim.Add(layout.Dims[next][0]);
                open /= layout.Dims[next][0].Size;
            }

            if (dim.Count == 0)
            {
                dim.Add(new Factor(1));
                memory.Add(dim[0]);
            }

            dims[i] = [.. dim];
        }

        return new DimLayout([.. memory], dims);
    }

    /// <summary>As many dimensions as asked for, new ones of size 1 before the others.</summary>
    public DimLayout Extend(int rank)
    {
        Factor[] ones = [.. Enumerable.Range(0, Math.Max(0, rank - Dims.Length)).Select(_ => new Factor(1))];
        return ones.Length == 0 ? this : new DimLayout([.. ones, .. Memory], [.. ones.Select(one => (Factor[])[one]), .. Dims]);
    }
}
