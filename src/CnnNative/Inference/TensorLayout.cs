// The order in which a caller has the elements of pictures.

namespace CnnNative;

/// <summary>The order of the dimensions of pictures.</summary>
public enum TensorLayout
{
    /// <summary>Batch, height, width, channels: as decoded pictures are, and as this library computes.</summary>
    Nhwc = 0,

    /// <summary>Batch, channels, height, width: as PyTorch and ONNX have it.</summary>
    Nchw = 1,
}
