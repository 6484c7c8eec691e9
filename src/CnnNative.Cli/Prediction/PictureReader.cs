// From a picture's file to the input of a model, by the preprocessing that is stored with the model.

using CnnNative.Imaging;

namespace CnnNative.Cli;

internal static class PictureReader
{
    /// <summary>The preprocessing that a model's input suggests where none is stored: pixels from 0 to 1; null if it takes no
    /// pictures.</summary>
    public static Preprocessing? Guess(Model model)
    {
        Shape input = ModelFacts.Input(model);
        return input.Rank == 3 && input[2] is 1 or 3 ? ModelFacts.PreprocessingOf(input) : null;
    }

    /// <summary>Reads a picture.</summary>
    /// <param name="path">The file.</param>
    /// <param name="preprocessing">What the model expects.</param>
    /// <param name="invert">Whether dark and light change places, as for digits in ink.</param>
    /// <returns>1 x height x width x channels, which the caller disposes.</returns>
    /// <exception cref="ImageFormatException">The file is no picture.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Tensor Read(string path, Preprocessing preprocessing, bool invert)
    {
        Image image = Image.Load(path);
        Image colored = preprocessing.Color == ColorOrder.Grayscale ? image.ToGrayscale() : image.ToRgb();
        Tensor pixels = Sized(colored, preprocessing).ToTensor();
        try
        {
            if (invert)
            {
                Invert(pixels);
            }

            preprocessing.Normalize(pixels);
            return pixels;
        }
        catch
        {
            pixels.Dispose();
            throw;
        }
    }

    private static Image Sized(Image image, Preprocessing preprocessing)
    {
        (int height, int width) = (preprocessing.Size.Height, preprocessing.Size.Width);
        if (preprocessing.Fit == PictureFit.Stretch)
        {
            return image.Width == width && image.Height == height ? image : image.Resize(width, height);
        }

        // The smallest picture of the same proportions that covers the size divided by the part that is kept.
        double scale = Math.Max(
            height / preprocessing.CropFraction / image.Height, width / preprocessing.CropFraction / image.Width);
        int wide = Math.Max(width, (int)Math.Round(image.Width * scale));
        int high = Math.Max(height, (int)Math.Round(image.Height * scale));
        return image.Resize(wide, high).CenterCrop(width, height);
    }

    private static void Invert(Tensor pixels)
    {
        using TensorAccess access = pixels.Access();
        foreach (ref float value in access.Values)
        {
            value = 1 - value;
        }
    }
}
