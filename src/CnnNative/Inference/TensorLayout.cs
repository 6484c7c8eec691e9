// The order in which a caller has the elements of pictures.

namespace CnnNative;

/// <summary>The order of the dimensions of an input or output.</summary>
public enum TensorLayout
{
    /// <summary>Batch, height, width, channels: as decoded pictures are, and as this library computes. Whatever is no batch of
    /// pictures is in the order of the graph.</summary>
    Nhwc = 0,

    /// <summary>Batch, channels, height, width: as PyTorch has it, and most ONNX models.</summary>
    Nchw = 1,

    /// <summary>As the file has it that the model was imported from, with any number of dimensions; see
    /// <see cref="GraphInput.SourceOrder"/>. For a model that was made here the same as <see cref="Nhwc"/>.</summary>
    Source = 2,
}
