// Some models take the bytes of a picture's file and decode it themselves. Decoders are large, so the one to use comes from
// outside: this package knows how it is called and nothing else.

namespace CnnNative;

/// <summary>Decodes a picture for ONNX's operator <c>ImageDecoder</c>. <c>ImageTensor.Decode</c> of CnnNative.Imaging is
/// one.</summary>
/// <param name="encoded">The bytes of a picture's file.</param>
/// <param name="color">The channels that are wanted.</param>
/// <returns>height x width x channels of uint8, 0 to 255, with one channel for <see cref="ColorOrder.Grayscale"/> and three
/// otherwise; the pixels as the file stores them. It is disposed by whoever called. ONNX lets a decoder answer what it cannot
/// decode with no pixels; one that wants that returns a tensor of 0 x 0 x channels.</returns>
/// <exception cref="NotSupportedException">The format is not decoded; the caller gets an
/// <see cref="OnnxUnsupportedException"/> with the message.</exception>
/// <exception cref="FormatException">The picture is broken; the caller gets a <see cref="CnnFormatException"/> with the
/// message.</exception>
public delegate Tensor OnnxImageDecoder(ReadOnlySpan<byte> encoded, ColorOrder color);
