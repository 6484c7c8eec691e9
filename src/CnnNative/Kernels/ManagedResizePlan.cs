// A prepared resize in C#: the weights of all rows and columns, and the same by the pixels of the input, for the gradient.

using CnnNative.Kernels.Managed;

namespace CnnNative.Kernels;

internal sealed class ManagedResizePlan(in ResizeGeometry geometry) : IResizePlan
{
    private readonly int _batch = geometry.Batch;
    private readonly int _channels = geometry.Channels;
    private readonly ResizeTaps _rows = ResizeTaps.Create(geometry.Vertical, geometry.Filter);
    private readonly ResizeTaps _columns = ResizeTaps.Create(geometry.Horizontal, geometry.Filter);
    private ResizeTaps? _rowsBack;
    private ResizeTaps? _columnsBack;

    public void Run(Tensor input, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        ManagedResize.Run(_batch, _channels, _rows, _columns, source.Values, target.Values);
    }

    public void Backward(Tensor outputGradient, Tensor inputGradient)
    {
        _rowsBack ??= _rows.Transpose();
        _columnsBack ??= _columns.Transpose();
        using TensorAccess upstream = outputGradient.Access();
        using TensorAccess target = inputGradient.Access();
        ManagedResize.Run(_batch, _channels, _rowsBack, _columnsBack, upstream.Values, target.Values);
    }

    public void Dispose()
    {
    }
}
