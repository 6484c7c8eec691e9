// Element-wise arithmetic and reductions: what operators may ask of a set of kernels. Gradients are made of the same
// functions, see BinaryOperation and UnaryOperation, and ReduceSum is the gradient of broadcasting.

namespace CnnNative.Kernels;

/// <summary>An operation z of two elements x and y, with its gradients for dZ.</summary>
internal enum BinaryOperation
{
    /// <summary>x + y; dX = dZ, dY = dZ.</summary>
    Add = 0,

    /// <summary>x - y; dX = dZ, dY = -dZ.</summary>
    Subtract = 1,

    /// <summary>x y; dX = dZ y, dY = dZ x.</summary>
    Multiply = 2,

    /// <summary>x / y; dX = dZ / y, dY = -dX z.</summary>
    Divide = 3,

    /// <summary>The smaller; NaN if either is NaN. dY = dZ where y is less than x, and dX the rest.</summary>
    Minimum = 4,

    /// <summary>The larger; NaN if either is NaN. dY = dZ where x is less than y, and dX the rest.</summary>
    Maximum = 5,

    /// <summary>1 where x is less than y, else 0.</summary>
    Less = 6,

    /// <summary>1 where x equals y, else 0.</summary>
    Equal = 7,
}

/// <summary>A function z of one element x, with its gradient for dZ.</summary>
internal enum UnaryOperation
{
    /// <summary>exp(x); dX = dZ z.</summary>
    Exponential = 0,

    /// <summary>The natural logarithm; dX = dZ / x.</summary>
    Logarithm = 1,

    /// <summary>The square root; dX = dZ / (2 z).</summary>
    SquareRoot = 2,

    /// <summary>-x.</summary>
    Negate = 3,

    /// <summary>|x|; dX has the sign of x.</summary>
    Absolute = 4,

    /// <summary>1 / x; dX = -dZ z z.</summary>
    Reciprocal = 5,

    /// <summary>x to the power of the parameter; dX = dZ parameter x to the power of the parameter less 1.</summary>
    Power = 6,
}

internal partial interface IKernels
{
    /// <summary>activation(left + right), element by element.</summary>
    void Add(Tensor left, Tensor right, Activation activation, Tensor output);

    /// <summary>output = left (operation) right. Shapes are aligned at their innermost dimensions; where an operand has the
    /// size 1 or no dimension, it is broadcast. Output may be an operand of its own shape.</summary>
    void Binary(BinaryOperation operation, AlignedTensor left, AlignedTensor right, Tensor output);

    /// <summary>output = operation(input); the parameter is the exponent of a power. Output may be the input.</summary>
    void Unary(UnaryOperation operation, float parameter, Tensor input, Tensor output);

    /// <summary>output = scale times the sums of input, or is increased by them. Shapes are aligned at their innermost
    /// dimensions; where the output has the size 1 or no dimension, the input is summed. A mean is a sum whose scale is one
    /// over the number of elements.</summary>
    void ReduceSum(Tensor input, float scale, bool accumulate, AlignedTensor output);
}
