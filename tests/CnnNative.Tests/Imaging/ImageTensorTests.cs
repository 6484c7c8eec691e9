// Pictures as tensors of bytes, the way ONNX's decoder wants them.

using CnnNative.Imaging;

namespace CnnNative.Tests.Imaging;

public sealed class ImageTensorTests
{
    [Fact]
    public void Channels_are_those_that_are_wanted_whatever_the_file_has()
    {
        byte[] colored = Pictures.Make(2, 1, 3, (x, _, channel) => 10 * (3 * x + channel)).Encode();
        byte[] gray = Pictures.Make(2, 1, 1, (x, _, _) => 100 + x).Encode();

        Assert.Equal([0, 10, 20, 30, 40, 50], Decoded(colored, ColorOrder.Rgb));
        Assert.Equal([20, 10, 0, 50, 40, 30], Decoded(colored, ColorOrder.Bgr));
        // 0.299 R + 0.587 G + 0.114 B is 8.15 and 38.15.
        Assert.Equal([8, 38], Decoded(colored, ColorOrder.Grayscale));
        Assert.Equal([100, 100, 100, 101, 101, 101], Decoded(gray, ColorOrder.Bgr));
        Assert.Equal([100, 101], Decoded(gray, ColorOrder.Grayscale));
    }

    [Fact]
    public void Rows_come_before_columns()
    {
        using Tensor tensor = ImageTensor.Decode(Pictures.Slope(7, 4).Encode(), ColorOrder.Rgb);

        Assert.Equal((4, 7, 3), tensor.Shape);
        Assert.Equal(ElementType.UInt8, tensor.ElementType);
        Assert.Equal(Pictures.Slope(7, 4).Pixels.ToArray(), tensor.ToArray<byte>());
    }

    [Fact]
    public void Transparent_parts_lie_over_white_or_what_is_chosen()
    {
        byte[] file = EncodedPictures.EncodeRgbaPng(1, 1, [200, 100, 0, 0]);

        Assert.Equal([255, 255, 255], Decoded(file, ColorOrder.Rgb));
        using Tensor black = ImageTensor.Decode(file, ColorOrder.Rgb, new ImageDecodeOptions { Background = Color.Black });
        Assert.Equal([0, 0, 0], black.ToArray<byte>());
    }

    [Fact]
    public void Pixels_are_as_the_file_stores_them_unless_they_are_wanted_upright()
    {
        // Orientation 6: the picture is to be turned by a quarter.
        byte[] file = OrientationTests.WithOrientation(Pictures.Slope(8, 5).Encode(ImageEncoding.Jpeg), 6);

        using Tensor stored = ImageTensor.Decode(file, ColorOrder.Rgb);
        using Tensor upright = ImageTensor.Decode(file, ColorOrder.Rgb, new ImageDecodeOptions());

        Assert.Equal((5, 8, 3), stored.Shape);
        Assert.Equal((8, 5, 3), upright.Shape);
        Assert.Equal(Image.Load(file).Pixels.ToArray(), upright.ToArray<byte>());
    }

    private static byte[] Decoded(byte[] file, ColorOrder color)
    {
        using Tensor tensor = ImageTensor.Decode(file, color);
        return tensor.ToArray<byte>();
    }
}
