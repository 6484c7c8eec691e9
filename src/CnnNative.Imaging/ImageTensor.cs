// From an encoded picture to the bytes of a tensor, for networks that decode their pictures themselves. The signature is that of
// the decoder which the ONNX package asks for, so that neither of the two packages has to know the other.

namespace CnnNative.Imaging;

/// <summary>Pictures as tensors of 8-bit values.</summary>
public static class ImageTensor
{
    // ONNX's text says nothing of EXIF, and its reference decodes without turning.
    private static readonly ImageDecodeOptions AsStored = new() { ApplyOrientation = false };

    /// <summary>Decodes a picture as ONNX's <c>ImageDecoder</c> does: <c>model.Run(inputs, imageDecoder: ImageTensor.Decode)</c>.
    /// Pixels are as the file stores them, not turned by EXIF data; transparent parts lie over white.</summary>
    /// <param name="encoded">The bytes of a JPEG, PNG, WebP or BMP file, or of a GIF, whose first frame counts.</param>
    /// <param name="color">The channels that are wanted, whatever the file has.</param>
    /// <returns>height x width x channels of uint8, 0 to 255; the caller disposes the tensor. Safe to call from several
    /// threads.</returns>
    /// <exception cref="NotSupportedException">The picture has another format, which the message names.</exception>
    /// <exception cref="ImageFormatException">The bytes are no picture, a broken one, or one over a limit.</exception>
    public static Tensor Decode(ReadOnlySpan<byte> encoded, ColorOrder color) => Decode(encoded, color, AsStored);

    /// <summary>The same with other limits, another background, or turned upright.</summary>
    /// <param name="encoded">The bytes of the file.</param>
    /// <param name="color">The channels that are wanted, whatever the file has.</param>
    /// <param name="options">How to decode.</param>
    /// <returns>height x width x channels of uint8, 0 to 255; the caller disposes the tensor.</returns>
    /// <exception cref="NotSupportedException">The picture has another format, which the message names.</exception>
    /// <exception cref="ImageFormatException">The bytes are no picture, a broken one, or one over a limit.</exception>
    public static Tensor Decode(ReadOnlySpan<byte> encoded, ColorOrder color, ImageDecodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!Enum.IsDefined(color))
        {
            throw new ArgumentOutOfRangeException(nameof(color), color, "Expected a member of the enumeration.");
        }

        if (ImageFileKind.RecognizeOther(encoded) is { } other)
        {
            throw new NotSupportedException($"bytes: a picture in the format {other}, {ImageFileKind.Expected}.");
        }

        Image image = Image.Load(encoded, options);
        image = color == ColorOrder.Grayscale ? image.ToGrayscale() : image.ToRgb();
        Shape shape = (image.Height, image.Width, image.Channels);
        if (color != ColorOrder.Bgr)
        {
            return Tensor.From(image.Pixels, shape);
        }

        Tensor tensor = Tensor.Uninitialized(shape, ElementType.UInt8);
        using TensorAccess<byte> access = tensor.AccessBytes();
        ReadOnlySpan<byte> source = image.Pixels;
        Span<byte> target = access.Values;
        for (int i = 0; i + 2 < source.Length; i += 3)
        {
            (target[i], target[i + 1], target[i + 2]) = (source[i + 2], source[i + 1], source[i]);
        }

        return tensor;
    }
}
