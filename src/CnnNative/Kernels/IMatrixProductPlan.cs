// A matrix product that is prepared once and run many times: checked, its algorithm chosen, and where that pays its right
// matrix packed.

namespace CnnNative.Kernels;

/// <summary>Row-major matrices: output (Rows x Columns) is made of op(left) (Rows x Depth) and op(right) (Depth x Columns), where
/// op is the matrix itself or its transpose, as which it is stored. A stride counts elements from one stored row to the next; 0
/// stands for as many as a row has. What lies between rows is neither read nor written.</summary>
internal readonly record struct MatrixProductGeometry(
    int Rows,
    int Columns,
    int Depth,
    bool TransposeLeft = false,
    bool TransposeRight = false,
    int LeftStride = 0,
    int RightStride = 0,
    int OutputStride = 0,
    int ResidualStride = 0);

/// <summary>What a matrix product may do besides its sums. The default asks for nothing.</summary>
/// <param name="Accumulate">What the output holds is one more summand, before the activation.</param>
/// <param name="PackedRight">The right matrix is packed beforehand, which pays when it is used more than once.</param>
internal readonly record struct MatrixProductOptions(bool Accumulate = false, bool PackedRight = false);

/// <summary>What a plan turned out to be.</summary>
/// <param name="Algorithm">The algorithm, such as "gemm packed avx2".</param>
/// <param name="PackedBytes">Memory for the packed right matrix; 0 where none is packed.</param>
/// <param name="WorkspaceBytes">Memory that a run works in.</param>
/// <param name="MultiplyAccumulates">Multiplications of one run.</param>
internal readonly record struct MatrixProductDescription(
    string Algorithm, long PackedBytes, long WorkspaceBytes, long MultiplyAccumulates);

/// <summary>A matrix product that is ready to run. Running it from several threads at once is safe; packing is not safe beside
/// anything else. Nothing but the first call of each method allocates.</summary>
internal interface IMatrixProductPlan : IDisposable
{
    /// <summary>What the plan is.</summary>
    MatrixProductDescription Describe();

    /// <summary>Takes over the right matrix, for a plan that was asked for that. It may change or go afterwards; the plan does
    /// not see it before the next call.</summary>
    void Pack(Tensor right);

    /// <summary>output = activation(op(left) op(right) + bias + residual), and what the output held where the plan accumulates.
    /// </summary>
    /// <param name="left">The left matrix, as it is stored.</param>
    /// <param name="right">The right matrix; null for a plan that packed it.</param>
    /// <param name="bias">One value for each column; null: zeros.</param>
    /// <param name="residual">Of the output's shape; null: zeros. It may be the output, when both have the same stride.</param>
    /// <param name="output">Overlaps nothing else.</param>
    void Run(Tensor left, Tensor? right, Tensor? bias, Tensor? residual, Tensor output);
}
