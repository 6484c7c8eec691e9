// A change of the size of images, prepared once and run many times: what pixels weigh depends on the sizes alone. The names and
// definitions are those of ONNX's Resize.

namespace CnnNative.Kernels;

/// <summary>One direction of a resize. Scale 0 stands for Output / Input; a given one is what the output size was rounded
/// from.</summary>
internal readonly record struct ResizeAxis(int Input, int Output, double Scale = 0);

/// <summary>Batch x Vertical.Input x Horizontal.Input x Channels to Batch x Vertical.Output x Horizontal.Output x
/// Channels.</summary>
internal readonly record struct ResizeGeometry(
    int Batch, ResizeAxis Vertical, ResizeAxis Horizontal, int Channels, ResizeFilter Filter);

/// <summary>A resize that is ready to run, from any number of threads at once.</summary>
internal interface IResizePlan : IDisposable
{
    /// <summary>Makes the image of another size. A pixel of weight 0 is not read. No overlap.</summary>
    void Run(Tensor input, Tensor output);

    /// <summary>The gradient: each pixel of the input gets what it weighed. No overlap.</summary>
    void Backward(Tensor outputGradient, Tensor inputGradient);
}
