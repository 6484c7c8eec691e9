// Pictures that a model decodes itself. How large one is stands in its bytes, so it is decoded while the model is imported, by
// the decoder that the caller brought.

namespace CnnNative.Onnx.Importing.Mappings;

internal static class ImageMappings
{
    public static void Add(Dictionary<string, MappingFunction> all) => all["ImageDecoder"] = Decode;

    private static Operand[] Decode(OnnxNode node)
    {
        ColorOrder color = node.Text("pixel_format", "RGB") switch
        {
            "RGB" => ColorOrder.Rgb,
            "BGR" => ColorOrder.Bgr,
            "Grayscale" => ColorOrder.Grayscale,
            string other => throw node.Wrong($"pixel_format is '{other}', expected RGB, BGR or Grayscale"),
        };
        Operand input = node.Input(0);
        if (input.Type != ElementType.UInt8 || input.Rank != 1)
        {
            throw node.Wrong($"the encoded picture is {input.Shape} {input.Type}, expected a row of {ElementType.UInt8}");
        }

        // The bytes are in memory already, and what they announce is the decoder's to believe or not.
        Tensor encoded = node.Known(0, long.MaxValue);
        OnnxImageDecoder decoder = node.Importer.ImageDecoder ?? throw node.Unsupported(
            "decoding a picture without a decoder, which OnnxModel.Run and Import take,");
        return [node.Importer.Feed(node.Scope.Prefix + node.OutputName(0), () => Decode(node, decoder, encoded, color))];
    }

    private static Tensor Decode(OnnxNode node, OnnxImageDecoder decoder, Tensor encoded, ColorOrder color)
    {
        Tensor? picture;
        try
        {
            using TensorAccess<byte> bytes = encoded.AccessBytes();
            picture = decoder(bytes.Values, color);
        }
        catch (NotSupportedException error)
        {
            throw new OnnxUnsupportedException(node.Wrong(Clause(error)).Message, error);
        }
        catch (FormatException error)
        {
            throw new CnnFormatException(node.Wrong(Clause(error)).Message, error);
        }

        int channels = color == ColorOrder.Grayscale ? 1 : 3;
        if (picture is { ElementType: ElementType.UInt8, Shape.Rank: 3 } && picture.Shape[2] == channels)
        {
            return picture;
        }

        string what = picture is null ? "nothing" : $"{picture.Shape} {picture.ElementType}";
        picture?.Dispose();
        throw node.Wrong($"the decoder gave {what}, expected height x width x {channels} of {ElementType.UInt8}");
    }

    private static string Clause(Exception error) => error.Message.TrimEnd('.');
}
