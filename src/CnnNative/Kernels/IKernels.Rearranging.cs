// Rearranging and resizing: what operators may ask of a set of kernels. But for resizing and sums in gradients, elements keep
// their bits, so that tensors of integers can be moved too. Lists have an entry for each dimension, outermost first.

namespace CnnNative.Kernels;

internal partial interface IKernels
{
    /// <summary>Copies rows of elements between two tensors.</summary>
    void CopyRows(in RowCopy copy, Tensor source, Tensor destination);

    /// <summary>Dimension i of the output is dimension <paramref name="axes"/>[i] of the input; see <see cref="Layout"/>. The
    /// gradient is the transpose with the inverse permutation.</summary>
    void Transpose(ReadOnlySpan<int> axes, Tensor input, Tensor output);

    /// <summary>Adds elements before the first and after the last of each dimension, or cuts some off where a number is
    /// negative. Mirroring and repeating go on where padding is longer than the tensor.</summary>
    void Pad(PadMode mode, float value, ReadOnlySpan<int> before, ReadOnlySpan<int> after, Tensor input, Tensor output);

    /// <summary>The gradient of padding: each element of the input gets the sum over its copies.</summary>
    void PadBackward(
        PadMode mode, ReadOnlySpan<int> before, ReadOnlySpan<int> after, Tensor outputGradient, Tensor inputGradient);

    /// <summary>Takes, in each dimension, as many elements as the output has, from a start on in steps, which may be
    /// negative.</summary>
    void Slice(ReadOnlySpan<int> starts, ReadOnlySpan<int> steps, Tensor input, Tensor output);

    /// <summary>The gradient of slicing: zeros around the output's gradient.</summary>
    void SliceBackward(ReadOnlySpan<int> starts, ReadOnlySpan<int> steps, Tensor outputGradient, Tensor inputGradient);

    /// <summary>Takes the rows of a dimension that the indices name; negative ones count from the end.</summary>
    /// <exception cref="ArgumentException">An index is outside; then nothing was written.</exception>
    void Gather(in GatherGeometry geometry, Tensor input, Tensor indices, Tensor output);

    /// <summary>The gradient of gathering: each row of the input gets the sum over the indices that name it.</summary>
    /// <exception cref="ArgumentException">An index is outside; then nothing was written.</exception>
    void GatherBackward(in GatherGeometry geometry, Tensor outputGradient, Tensor indices, Tensor inputGradient);

    /// <summary>Prepares a resize; the caller disposes it, before these kernels.</summary>
    IResizePlan CreateResizePlan(in ResizeGeometry geometry);
}
