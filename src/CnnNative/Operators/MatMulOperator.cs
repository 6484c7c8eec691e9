// The product of two values that are matrices, or batches of matrices, as a node of a graph: attention, and what LinearOperator
// is not, because neither side is weights. Where one side is a single matrix, all products share it.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>output = op(left) op(right), where op is the matrix itself or its transpose. Matrices are the two innermost
/// dimensions; the dimensions before them are the same on both sides, or missing on one.</summary>
internal sealed class MatMulOperator(bool transposeLeft = false, bool transposeRight = false) : Operator
{
    private const string Name = "MatMul";
    private static readonly string[] Names = ["left", "right"];

    public override string Kind => Name;

    public override AttributeSet Attributes =>
        new AttributeSet().With("transpose_left", transposeLeft).With("transpose_right", transposeRight);

    internal override ReadOnlySpan<string> InputNames => Names;

    public static Operator Create(AttributeSet attributes) =>
        new MatMulOperator(attributes.Flag("transpose_left"), attributes.Flag("transpose_right"));

    /// <summary>The shape rule, resolved to numbers.</summary>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public static MatMulGeometry Resolve(Shape left, Shape right, bool transposeLeft, bool transposeRight)
    {
        if (left.Rank < 2 || right.Rank < 2)
        {
            throw new ShapeException($"{Name}: left is {left}, right is {right}; expected at least two dimensions of each.");
        }

        (int rows, int depth) = transposeLeft ? (left[^1], left[^2]) : (left[^2], left[^1]);
        (int rightDepth, int columns) = transposeRight ? (right[^1], right[^2]) : (right[^2], right[^1]);
        if (depth != rightDepth)
        {
            throw new ShapeException(
                $"{Name}: the rows of op(left) have {depth} elements, the columns of op(right) {rightDepth}, expected " +
                $"the same number (left {left}{(transposeLeft ? " transposed" : "")}, right " +
                $"{right}{(transposeRight ? " transposed" : "")}).");
        }

        int[] outer = left.Rank > 2 ? left.ToArray()[..^2] : right.ToArray()[..^2];
        if (left.Rank > 2 && right.Rank > 2 && !outer.AsSpan().SequenceEqual(right.ToArray().AsSpan()[..^2]))
        {
            throw new ShapeException(
                $"{Name}: left is {left}, right is {right}; expected the same dimensions before the two innermost, or " +
                "none on one side.");
        }

        int batch = 1;
        foreach (int size in outer)
        {
            batch = checked(batch * size);
        }

        MatrixProductGeometry product = new(rows, columns, depth, transposeLeft, transposeRight);
        Shape output = new([.. outer, rows, columns]);
        return new MatMulGeometry(product, batch, left.Rank == 2, right.Rank == 2, output).Collapsed();
    }

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) =>
        outputs[0] = Geometry(inputs).Output;

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs) =>
        new(outputs[0].Shape.ElementCount * Geometry(inputs).Product.Depth, 0, Traffic(inputs, outputs));

    internal override GradientReads ReadsForGradient(InputSet wanted)
    {
        InputSet inputs = wanted.Contains(PreparedMatMul.LeftIndex) ? InputSet.Of(PreparedMatMul.RightIndex) : default;
        return new GradientReads(wanted.Contains(PreparedMatMul.RightIndex) ? inputs.With(PreparedMatMul.LeftIndex) : inputs);
    }

    internal override GradientWrite WritesGradient(int input) => GradientWrite.Accumulates;

    internal override PreparedOperator Prepare(in PrepareRequest request) =>
        new PreparedMatMul(in request, Geometry(request.Inputs));

    private MatMulGeometry Geometry(ReadOnlySpan<ValueSpec?> inputs) => Resolve(
        inputs[PreparedMatMul.LeftIndex]!.Value.Shape, inputs[PreparedMatMul.RightIndex]!.Value.Shape, transposeLeft,
        transposeRight);
}

/// <summary>A batch of matrix products.</summary>
/// <param name="Product">One of them.</param>
/// <param name="Batch">How many there are.</param>
/// <param name="SharesLeft">Whether all have the same left matrix.</param>
/// <param name="SharesRight">Whether all have the same right matrix.</param>
/// <param name="Output">The shape of the output.</param>
internal readonly record struct MatMulGeometry(
    MatrixProductGeometry Product, int Batch, bool SharesLeft, bool SharesRight, Shape Output)
{
    /// <summary>The rows of all left matrices lie behind one another: with one right matrix that is a single product.</summary>
    public MatMulGeometry Collapsed() => SharesRight && !Product.TransposeLeft
        ? this with { Product = Product with { Rows = checked(Product.Rows * Batch) }, Batch = 1 }
        : this;

    /// <summary>The gradient by the left matrix: dZ times op(right) transposed, or where the left one is transposed the same
    /// the other way round.</summary>
    public MatrixProductGeometry LeftGradient => Product.TransposeLeft
        ? new(Product.Depth, Product.Rows, Product.Columns, Product.TransposeRight, TransposeRight: true)
        : new(Product.Rows, Product.Depth, Product.Columns, TransposeRight: !Product.TransposeRight);

    /// <summary>The gradient by the right matrix: op(left) transposed times dZ, or the same the other way round.</summary>
    public MatrixProductGeometry RightGradient => Product.TransposeRight
        ? new(Product.Columns, Product.Depth, Product.Rows, TransposeLeft: true, Product.TransposeLeft)
        : new(Product.Depth, Product.Columns, Product.Rows, !Product.TransposeLeft);
}

/// <summary>The plans of a batch of matrix products and of their gradients.</summary>
internal sealed class PreparedMatMul : PreparedOperator
{
    public const int LeftIndex = 0, RightIndex = 1;
    private readonly MatMulGeometry _geometry;
    private readonly IMatrixProductPlan _product;
    private readonly IMatrixProductPlan? _leftGradient;
    private readonly IMatrixProductPlan? _rightGradient;
    private readonly bool _isPacked;

    public PreparedMatMul(in PrepareRequest request, in MatMulGeometry geometry)
    {
        _geometry = geometry;
        Tensor? constant = geometry.SharesRight ? request.Constants[RightIndex] : null;
        _isPacked = constant is not null;
        _product = request.Kernels.PrepareMatrixProduct(
            geometry.Product, options: new MatrixProductOptions(PackedRight: _isPacked));
        try
        {
            if (constant is not null)
            {
                request.Pack(_product, constant);
            }

            IKernels kernels = request.Kernels;
            _leftGradient = request.Wanted.Contains(LeftIndex) ? kernels.PrepareMatrixProduct(geometry.LeftGradient) : null;
            _rightGradient = request.Wanted.Contains(RightIndex) ? kernels.PrepareMatrixProduct(geometry.RightGradient) : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override void Forward(NodeTensors tensors, in RunState state)
    {
        MatrixParts parts = Parts(tensors);
        for (int i = 0; i < _geometry.Batch; i++)
        {
            _product.Run(parts.Left[i]!, _isPacked ? null : parts.Right[i], null, null, parts.Output[i]!);
        }
    }

    public override void Backward(NodeTensors tensors, in RunState state)
    {
        MatrixParts parts = Parts(tensors);
        for (int i = 0; i < _geometry.Batch; i++)
        {
            Tensor upstream = parts.OutputGradient[i]!;
            if (parts.LeftGradient[i] is { } left)
            {
                bool adds = tensors.Adds(LeftIndex) || (_geometry.SharesLeft && i > 0);
                (Tensor first, Tensor second) =
                    _geometry.Product.TransposeLeft ? (parts.Right[i]!, upstream) : (upstream, parts.Right[i]!);
                _leftGradient!.Run(first, second, null, adds ? left : null, left);
            }

            if (parts.RightGradient[i] is { } right)
            {
                bool adds = tensors.Adds(RightIndex) || (_geometry.SharesRight && i > 0);
                (Tensor first, Tensor second) =
                    _geometry.Product.TransposeRight ? (upstream, parts.Left[i]!) : (parts.Left[i]!, upstream);
                _rightGradient!.Run(first, second, null, adds ? right : null, right);
            }
        }
    }

    public override void Dispose()
    {
        _product.Dispose();
        _leftGradient?.Dispose();
        _rightGradient?.Dispose();
        base.Dispose();
    }

    /// <summary>The matrices of these tensors, which the first run makes.</summary>
    private MatrixParts Parts(NodeTensors tensors)
    {
        if (tensors.Derived is not MatrixParts parts)
        {
            tensors.Derived = parts = new MatrixParts(_geometry, tensors);
        }

        return parts;
    }
}

/// <summary>The single matrices of a batch, as views of its tensors.</summary>
internal sealed class MatrixParts : IDisposable
{
    private readonly List<Tensor> _views = [];
    private readonly int _batch;

    public MatrixParts(in MatMulGeometry geometry, NodeTensors tensors)
    {
        _batch = geometry.Batch;
        Left = Split(tensors.Inputs[PreparedMatMul.LeftIndex], geometry.SharesLeft);
        Right = Split(tensors.Inputs[PreparedMatMul.RightIndex], geometry.SharesRight);
        Output = Split(tensors.Outputs[0], shared: false);
        OutputGradient = Split(tensors.OutputGradients.Length > 0 ? tensors.OutputGradients[0] : null, shared: false);
        LeftGradient = Split(tensors.InputGradient(PreparedMatMul.LeftIndex), geometry.SharesLeft);
        RightGradient = Split(tensors.InputGradient(PreparedMatMul.RightIndex), geometry.SharesRight);
    }

    public Tensor?[] Left { get; }

    public Tensor?[] Right { get; }

    public Tensor?[] Output { get; }

    public Tensor?[] OutputGradient { get; }

    public Tensor?[] LeftGradient { get; }

    public Tensor?[] RightGradient { get; }

    public void Dispose()
    {
        foreach (Tensor view in _views)
        {
            view.Dispose();
        }
    }

    private Tensor?[] Split(Tensor? tensor, bool shared)
    {
        Tensor?[] parts = new Tensor?[_batch];
        int length = (tensor?.ElementCount ?? 0) / _batch;
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = tensor;
            if (tensor is not null && !shared && _batch > 1)
            {
                parts[i] = tensor.View(i * length, length);
                _views.Add(parts[i]!);
            }
        }

        return parts;
    }
}
