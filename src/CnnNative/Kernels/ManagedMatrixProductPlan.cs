// A prepared matrix product in C#. There is little to prepare: where the right matrix is packed it keeps a copy, so that it
// behaves as the native plan does when that matrix changes.

using System.Diagnostics;
using CnnNative.Kernels.Managed;

namespace CnnNative.Kernels;

internal sealed class ManagedMatrixProductPlan(
    in MatrixProductGeometry geometry, Activation activation, in MatrixProductOptions options) : IMatrixProductPlan
{
    private readonly MatrixProductGeometry _geometry = geometry;
    private readonly MatrixProductOptions _options = options;
    private float[]? _packed;

    private int RightLength => ManagedMatrixProduct.RightLength(in _geometry);

    public MatrixProductDescription Describe()
    {
        long packed = _options.PackedRight ? (long)RightLength * sizeof(float) : 0;
        long work = (long)_geometry.Rows * _geometry.Columns * _geometry.Depth;
        return new MatrixProductDescription("managed float64", packed, 0, work);
    }

    public void Pack(Tensor right)
    {
        _packed ??= new float[RightLength];
        using TensorAccess source = right.Access();
        source.Values[.._packed.Length].CopyTo(_packed);
    }

    public void Run(Tensor left, Tensor? right, Tensor? bias, Tensor? residual, Tensor output)
    {
        Debug.Assert(right is null == _options.PackedRight, "a plan with PackedRight gets its right matrix from Pack, others here");
        using TensorAccess first = left.Access();
        using TensorAccess second = right is null ? default : right.Access();
        using TensorAccess shift = bias is null ? default : bias.Access();
        using TensorAccess addend = residual is null ? default : residual.Access();
        using TensorAccess target = output.Access();
        ReadOnlySpan<float> rightValues = right is null
            ? _packed ?? throw new InvalidOperationException("The matrix product has no right matrix; give one, or call Pack first.")
            : second.Values;
        ManagedMatrixProduct.Run(
            in _geometry, activation, _options.Accumulate, first.Values, rightValues, shift.Values, addend.Values, target.Values);
    }

    public void Dispose()
    {
    }
}
