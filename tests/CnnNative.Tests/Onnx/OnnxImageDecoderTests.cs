// Models that take a picture's file and decode it themselves, with the decoder that the caller brings.

using CnnNative.Imaging;
using CnnNative.Tests.Imaging;
using Google.Protobuf;

namespace CnnNative.Tests.Onnx;

public sealed class OnnxImageDecoderTests
{
    [Theory]
    [InlineData("PNG", 9, 6)]
    [InlineData("JPEG", 16, 11)]
    [InlineData("WebP", 7, 7)]
    [InlineData("BMP", 4, 5)]
    public void A_network_behind_the_decoder_sees_the_pixels_whatever_their_number(string format, int width, int height)
    {
        byte[] file = EncodedPictures.Encode(format, Pictures.Slope(width, height));
        Image image = Image.Load(file);
        using Tensor pixels = Tensor.From(image.Pixels, (height, width, 3));
        OnnxBuilder rest = Network(new OnnxBuilder(opset: 20).Input("pixels", ElementType.UInt8, height, width, 3));
        using TensorCollection expected = OnnxRuntime.Run(rest.Proto.ToByteArray(), "pixels", pixels);
        using OnnxModel model = Network(Decoder("RGB")).Read();

        using TensorCollection outputs = Run(model, file, ImageTensor.Decode);

        // Sums of 27 products of up to 255: rounding of 6e-8 each, a few times over.
        Assert.Equal((1, 4, height, width), outputs["y"].Shape);
        Assert.True(outputs["y"].IsClose(expected["y"], 1e-3f));
    }

    [Theory]
    [InlineData("RGB", ColorOrder.Rgb, 3)]
    [InlineData("BGR", ColorOrder.Bgr, 3)]
    [InlineData("Grayscale", ColorOrder.Grayscale, 1)]
    public void The_decoder_is_asked_for_the_channels_that_the_model_wants(string format, ColorOrder color, int channels)
    {
        using OnnxModel model = Decoder(format).Output("pixels").Read();
        byte[] picture = [.. Enumerable.Range(0, 8 * channels).Select(i => (byte)i)];
        byte[]? given = null;
        ColorOrder? wanted = null;

        using TensorCollection outputs = Run(model, [1, 2, 3], (bytes, order) =>
        {
            (given, wanted) = (bytes.ToArray(), order);
            return Tensor.From<byte>(picture, (2, 4, channels));
        });

        Assert.Equal([1, 2, 3], given);
        Assert.Equal(color, wanted);
        Assert.Equal((2, 4, channels), outputs["pixels"].Shape);
        Assert.Equal(picture, outputs["pixels"].ToArray<byte>());
    }

    [Fact]
    public void A_picture_is_decoded_once_however_often_the_run_stops_for_a_shape()
    {
        using OnnxModel model = Decoder("Grayscale").Node("NonZero", "pixels", "places").Node("Transpose", "places", "rows")
            .Node("NonZero", "rows", "again").Output("places").Output("again").Read();
        int calls = 0;

        using TensorCollection outputs = Run(model, [0, 7, 0, 0, 9, 9], (bytes, _) =>
        {
            calls++;
            return Tensor.From(bytes, (2, 3, 1));
        });

        Assert.Equal(1, calls);
        Assert.Equal([0, 1, 1, 1, 1, 2, 0, 0, 0], outputs["places"].ToArray<long>());
        Assert.Equal([0, 1, 1, 2, 2, 1, 0, 1, 0, 1], outputs["again"].ToArray<long>());
    }

    [Fact]
    public void A_picture_that_is_known_when_the_model_is_imported_becomes_a_constant()
    {
        using OnnxModel model = Network(Decoder("RGB")).Read();
        byte[] file = Pictures.Slope(5, 4).Encode();
        using Tensor encoded = Tensor.From<byte>(file, file.Length);
        Dictionary<string, Tensor> known = new() { ["encoded"] = encoded };

        using OnnxGraph graph = model.Import(known: known, imageDecoder: ImageTensor.Decode);

        Assert.Empty(graph.Inputs);
        Assert.Equal((1, 4, 4, 5), graph.Outputs[0].Shape);
        Dictionary<string, Shape> shapes = new() { ["encoded"] = file.Length };
        Assert.True(Assert.Throws<OnnxUnsupportedException>(
            () => model.Import(shapes, imageDecoder: ImageTensor.Decode)).DependsOnData);
    }

    [Fact]
    public void A_decoder_of_ones_own_may_give_no_pixels_as_ONNX_allows()
    {
        using OnnxModel model = Decoder("RGB").Output("pixels").Read();

        using TensorCollection outputs = Run(model, [1], (_, _) => Tensor.Uninitialized((0, 0, 3), ElementType.UInt8));

        Assert.Equal((0, 0, 3), outputs["pixels"].Shape);
    }

    public static TheoryData<byte[], string> Others => new()
    {
        { [0, 0, 0, 12, .. "jP  \r\n"u8], "the format JPEG 2000" },
        { [0xFF, 0x4F, 0xFF, 0x51, 0, 41], "the format JPEG 2000" },
        { "II*\0\b\0\0\0"u8.ToArray(), "the format TIFF" },
        { "MM\0*\0\0\0\b"u8.ToArray(), "the format TIFF" },
        { "P6\n1 1\n255\nrgb"u8.ToArray(), "the format PNM" },
        { [0, 0, 0, 12, .. "JXL \r\n"u8], "the format JPEG XL" },
        { [0, 0, 0, 28, .. "ftypavif"u8], "the format HEIF or AVIF" },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void A_picture_in_a_format_that_is_not_decoded_is_told_from_a_broken_one(byte[] file, string format)
    {
        using OnnxModel model = Decoder("RGB").Output("pixels").Read();

        OnnxUnsupportedException error = Assert.Throws<OnnxUnsupportedException>(() => Run(model, file, ImageTensor.Decode));

        Assert.StartsWith("test.onnx: node 'the_ImageDecoder_0' (ImageDecoder, opset 20): ", error.Message,
            StringComparison.Ordinal);
        Assert.Contains($"{format}, expected JPEG, PNG", error.Message, StringComparison.Ordinal);
        Assert.False(error.DependsOnData);
    }

    [Fact]
    public void Broken_pictures_and_wrong_answers_are_refused_with_the_name_of_the_node()
    {
        using OnnxModel model = Decoder("RGB").Output("pixels").Read();
        byte[] cut = Pictures.Slope(9, 9).Encode()[..60];

        Require("truncated", Assert.Throws<CnnFormatException>(() => Run(model, cut, ImageTensor.Decode)));
        Require("empty", Assert.Throws<CnnFormatException>(() => Run(model, [], ImageTensor.Decode)));
        Require("starts with the bytes 01", Assert.Throws<CnnFormatException>(() => Run(model, [1], ImageTensor.Decode)));
        Require("the decoder gave 2x2x1 UInt8, expected height x width x 3", Assert.Throws<CnnFormatException>(
            () => Run(model, [1], (_, _) => Tensor.Uninitialized((2, 2, 1), ElementType.UInt8))));
        Require("the decoder gave 2x2x3 Float32", Assert.Throws<CnnFormatException>(
            () => Run(model, [1], (_, _) => Tensor.Uninitialized((2, 2, 3)))));
        using OnnxModel strange = Decoder("CMYK").Output("pixels").Read();
        Require("pixel_format is 'CMYK', expected RGB, BGR", Assert.Throws<CnnFormatException>(
            () => Run(strange, [1], ImageTensor.Decode)));

        static void Require(string what, Exception error)
        {
            Assert.Contains(what, error.Message, StringComparison.Ordinal);
            Assert.Contains("'the_ImageDecoder_0'", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Without_a_decoder_the_message_says_where_to_give_one()
    {
        using OnnxModel model = Decoder("RGB").Output("pixels").Read();

        string message = Assert.Throws<OnnxUnsupportedException>(() => Run(model, [1], decoder: null)).Message;

        Assert.Contains("without a decoder, which OnnxModel.Run and Import take, is not supported", message,
            StringComparison.Ordinal);
    }

    private static TensorCollection Run(OnnxModel model, byte[] file, OnnxImageDecoder? decoder)
    {
        using Tensor encoded = Tensor.From<byte>(file, file.Length);
        return model.Run(new Dictionary<string, Tensor> { ["encoded"] = encoded }, imageDecoder: decoder);
    }

    private static OnnxBuilder Decoder(string format) => new OnnxBuilder(opset: 20).Input("encoded", ElementType.UInt8, -1)
        .Node("ImageDecoder", "encoded", "pixels", ("pixel_format", format));

    /// <summary>A convolution of the pixels, brought into the order that networks have.</summary>
    private static OnnxBuilder Network(OnnxBuilder builder) => builder.Longs("first", 0).Weights("filters", 4, 3, 3, 3)
        .Node("Cast", "pixels", "numbers", ("to", 1)).Node("Transpose", "numbers", "planes", ("perm", (int[])[2, 0, 1]))
        .Node("Unsqueeze", "planes first", "x").Node("Conv", "x filters", "y", ("pads", (int[])[1, 1, 1, 1])).Output("y");
}
