// The one narrow door between operators and arithmetic. Two sets of kernels stand behind it: the native library, and the same
// work in C#, which is the oracle of the tests, the baseline of the benchmarks and an opt-in fallback.

namespace CnnNative.Kernels;

/// <summary>The kernels that operators are made of. Arguments are checked before they come here: shapes fit, outputs are
/// tensors of their own. Implementations are safe to use from several threads at once.</summary>
internal interface IKernels : IDisposable
{
    /// <summary>Convolution, bias and activation. Weights are output channels x height x width x input channels of a group.</summary>
    void Conv2d(in Conv2dGeometry geometry, Tensor input, Tensor weights, Tensor? bias, Activation activation, Tensor output);

    /// <summary>input (rows x input features) times transposed weights (output features x input features).</summary>
    void Linear(Tensor input, Tensor weights, Tensor? bias, Activation activation, Tensor output);

    /// <summary>The largest element of each window.</summary>
    void MaxPool2d(in Pool2dGeometry geometry, Tensor input, Tensor output);

    /// <summary>The mean of each window.</summary>
    void AveragePool2d(in Pool2dGeometry geometry, Tensor input, Tensor output);

    /// <summary>The mean over all pixels: batch x height x width x channels to batch x 1 x 1 x channels.</summary>
    void GlobalAveragePool(Tensor input, Tensor output);

    /// <summary>Applies the activation to each element.</summary>
    void Activate(Activation activation, Tensor input, Tensor output);

    /// <summary>Softmax over the innermost dimension.</summary>
    void Softmax(Tensor input, Tensor output);

    /// <summary>activation(left + right), element by element.</summary>
    void Add(Tensor left, Tensor right, Activation activation, Tensor output);

    /// <summary>Copies rows of elements between two tensors.</summary>
    void CopyRows(in RowCopy copy, Tensor source, Tensor destination);
}

/// <summary>Rows of RowLength elements; offsets and strides count elements.</summary>
internal readonly record struct RowCopy(
    long Rows, long RowLength, long SourceOffset, long SourceStride, long DestinationOffset, long DestinationStride);
