// What a sliding window covers, resolved to plain numbers: operators compute it once from the user's options, and both kernel
// sets read it. Everything here is already checked; a kernel never validates again.

namespace CnnNative.Kernels;

/// <summary>One axis of a sliding window. Output position o reads input positions o * Stride - PaddingBefore + t * Dilation
/// for t in 0..Window-1; positions outside 0..Input-1 are padding.</summary>
internal readonly record struct WindowAxis(
    int Input, int Window, int Stride, int Dilation, int PaddingBefore, int PaddingAfter, int Output)
{
    /// <summary>The first input position that the window at <paramref name="output"/> covers; negative inside the padding.</summary>
    public int Start(int output) => output * Stride - PaddingBefore;
}

/// <summary>A convolution: input Batch x Vertical.Input x Horizontal.Input x InputChannels, weights OutputChannels x
/// Vertical.Window x Horizontal.Window x (InputChannels / Groups), output Batch x Vertical.Output x Horizontal.Output x
/// OutputChannels.</summary>
internal readonly record struct Conv2dGeometry(
    int Batch, WindowAxis Vertical, WindowAxis Horizontal, int InputChannels, int OutputChannels, int Groups)
{
    /// <summary>Pixels of all inputs of the batch.</summary>
    public int InputPixels => checked(Batch * Vertical.Input * Horizontal.Input);

    /// <summary>Pixels of all outputs of the batch.</summary>
    public int OutputPixels => checked(Batch * Vertical.Output * Horizontal.Output);

    /// <summary>Weights of one output channel.</summary>
    public int FilterLength => checked(Vertical.Window * Horizontal.Window * (InputChannels / Groups));

    /// <summary>All weights.</summary>
    public int WeightsLength => checked(OutputChannels * FilterLength);

    /// <summary>A fully connected layer, which is a 1x1 convolution over its rows.</summary>
    public static Conv2dGeometry Linear(int rows, int inputFeatures, int outputFeatures)
    {
        WindowAxis single = new(Input: 1, Window: 1, Stride: 1, Dilation: 1, PaddingBefore: 0, PaddingAfter: 0, Output: 1);
        WindowAxis line = single with { Input = rows, Output = rows };
        return new Conv2dGeometry(1, single, line, inputFeatures, outputFeatures, Groups: 1);
    }
}

/// <summary>A pooling window over Batch x Vertical.Input x Horizontal.Input x Channels. CeilMode tells how the output size was
/// rounded; with CountIncludePad an average divides by the padded elements too, but never by those that hang over the padded
/// input because of CeilMode.</summary>
internal readonly record struct Pool2dGeometry(
    int Batch, WindowAxis Vertical, WindowAxis Horizontal, int Channels, bool CeilMode, bool CountIncludePad);

/// <summary>Pooling of Batch x InputHeight x InputWidth x Channels to a given size. On each axis output o reads the inputs from
/// floor(o Input / Output) up to, but without, ceil((o + 1) Input / Output); an output may be larger than its input.</summary>
internal readonly record struct AdaptivePool2dGeometry(
    int Batch, int InputHeight, int InputWidth, int Channels, int OutputHeight, int OutputWidth);
