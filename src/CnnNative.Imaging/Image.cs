// A decoded picture: 8 bits per channel, because that is what files hold, what Pillow resizes, and a quarter of the memory of
// floats. Floats begin where a network begins, with ToTensor. Every operation gives a new picture, so pictures can be shared.

namespace CnnNative.Imaging;

/// <summary>A picture with 8 bits per channel, gray or RGB. Immutable and safe to use from several threads.</summary>
public sealed class Image
{
    private readonly byte[] _pixels;

    private Image(byte[] pixels, int width, int height, int channels)
    {
        _pixels = pixels;
        Width = width;
        Height = height;
        Channels = channels;
    }

    /// <summary>The number of columns.</summary>
    public int Width { get; }

    /// <summary>The number of rows.</summary>
    public int Height { get; }

    /// <summary>1 for gray, 3 for RGB.</summary>
    public int Channels { get; }

    /// <summary>The pixels: height x width x channels, row 0 at the top, 0 to 255.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels;

    /// <summary>Reads a picture file: JPEG, PNG, WebP, BMP, or the first frame of a GIF.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Limits and background; the defaults if null.</param>
    /// <returns>The picture, turned upright as its EXIF data says (if <see cref="ImageDecodeOptions.ApplyOrientation"/> is set),
    /// transparent parts laid over the background; gray if the file is gray without transparency, RGB otherwise. Colour profiles
    /// are not applied.</returns>
    /// <exception cref="FileNotFoundException">There is no such file, or it is a folder.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Reading is not allowed.</exception>
    /// <exception cref="ImageFormatException">The file is no picture, broken, truncated, or over a limit.</exception>
    public static Image Load(string path, ImageDecodeOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            throw new FileNotFoundException($"'{path}' is a folder, expected a picture file.", path);
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no file '{path}' (looked for {Path.GetFullPath(path)}).", path);
        }

        using FileStream stream = File.OpenRead(path);
        return Load(stream, $"'{path}'", options ?? new ImageDecodeOptions());
    }

    /// <summary>Reads a picture from a stream's position to its end. The stream stays open.</summary>
    /// <param name="stream">The encoded picture, in a format that <see cref="Load(string, ImageDecodeOptions?)"/> reads.</param>
    /// <param name="options">Limits and background; the defaults if null.</param>
    /// <returns>The picture, as <see cref="Load(string, ImageDecodeOptions?)"/> gives it.</returns>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    /// <exception cref="ImageFormatException">The stream holds no picture, a broken or truncated one, or one over a limit.</exception>
    public static Image Load(Stream stream, ImageDecodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Load(stream, "stream", options ?? new ImageDecodeOptions());
    }

    /// <summary>Decodes a picture in memory.</summary>
    /// <param name="encoded">The encoded picture, in a format that <see cref="Load(string, ImageDecodeOptions?)"/> reads.</param>
    /// <param name="options">Limits and background; the defaults if null.</param>
    /// <returns>The picture, as <see cref="Load(string, ImageDecodeOptions?)"/> gives it.</returns>
    /// <exception cref="ImageFormatException">The bytes are no picture, a broken or truncated one, or one over a limit.</exception>
    public static Image Load(ReadOnlySpan<byte> encoded, ImageDecodeOptions? options = null)
    {
        options ??= new ImageDecodeOptions();
        CheckBytes(encoded.Length, "bytes", options);
        return ImageDecoder.Decode(encoded.ToArray(), "bytes", options);
    }

    /// <summary>A picture with a copy of the given pixels.</summary>
    /// <param name="pixels">height x width x channels values, row 0 at the top.</param>
    /// <param name="width">The number of columns.</param>
    /// <param name="height">The number of rows.</param>
    /// <param name="channels">1 for gray, 3 for RGB.</param>
    /// <exception cref="ArgumentException">The number of values is not height x width x channels, or a size is not possible.</exception>
    public static Image FromPixels(ReadOnlySpan<byte> pixels, int width, int height, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (channels is not (1 or 3))
        {
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "Expected 1 channel for gray or 3 for RGB.");
        }

        long expected = (long)width * height * channels;
        if (pixels.Length != expected)
        {
            throw new ArgumentException(
                $"{pixels.Length} values were given, expected {height} x {width} x {channels} = {expected}.", nameof(pixels));
        }

        return new Image(pixels.ToArray(), width, height, channels);
    }

    /// <summary>A picture of one item of a batch: values are held between 0 and 1, scaled to 255 and rounded.</summary>
    /// <param name="tensor">batch x height x width x channels with 1 or 3 channels; NaN becomes 0.</param>
    /// <param name="batchIndex">Which item.</param>
    /// <exception cref="ShapeException">The tensor has another rank or number of channels.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The batch has no such item.</exception>
    public static Image FromTensor(Tensor tensor, int batchIndex = 0)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        Shape shape = tensor.Shape;
        if (shape.Rank != 4 || shape[3] is not (1 or 3))
        {
            throw new ShapeException(
                $"Image.FromTensor: the tensor is {shape}, expected batch x height x width x channels with 1 or 3 channels.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(batchIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(batchIndex, shape[0]);
        var pixels = new byte[shape[1] * shape[2] * shape[3]];
        using TensorAccess access = tensor.Access();
        ReadOnlySpan<float> values = access.Values.Slice(batchIndex * pixels.Length, pixels.Length);
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = float.IsNaN(values[i]) ? (byte)0 : (byte)(Math.Clamp(values[i], 0f, 1f) * 255f + 0.5f);
        }

        return new Image(pixels, shape[2], shape[1], shape[3]);
    }

    /// <summary>The pixels as floats from 0 to 1, v / 255.</summary>
    /// <returns>A new tensor of 1 x height x width x channels, which the caller disposes.</returns>
    public Tensor ToTensor()
    {
        var values = new float[_pixels.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _pixels[i] / 255f;
        }

        return Tensor.FromSpan(values, (1, Height, Width, Channels));
    }

    /// <summary>The luma of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B, rounded as by Pillow's <c>convert("L")</c>.</summary>
    /// <returns>A gray picture; this one if it is gray.</returns>
    public Image ToGrayscale()
    {
        if (Channels == 1)
        {
            return this;
        }

        // The three weights times 2^16; they sum to 2^16, so white stays white.
        const int Red = 19595, Green = 38470, Blue = 7471, Half = 1 << 15;
        var gray = new byte[Width * Height];
        for (int i = 0; i < gray.Length; i++)
        {
            ReadOnlySpan<byte> pixel = _pixels.AsSpan(3 * i, 3);
            gray[i] = (byte)((Red * pixel[0] + Green * pixel[1] + Blue * pixel[2] + Half) >> 16);
        }

        return new Image(gray, Width, Height, 1);
    }

    /// <summary>The picture with three channels; gray becomes three equal ones.</summary>
    /// <returns>An RGB picture; this one if it is RGB.</returns>
    public Image ToRgb()
    {
        if (Channels == 3)
        {
            return this;
        }

        var rgb = new byte[checked(3 * _pixels.Length)];
        for (int i = 0; i < _pixels.Length; i++)
        {
            rgb.AsSpan(3 * i, 3).Fill(_pixels[i]);
        }

        return new Image(rgb, Width, Height, 3);
    }

    /// <summary>Resizes, antialiased, to the pixels that Pillow's <c>Image.resize</c> gives. The aspect ratio is the caller's.</summary>
    /// <param name="width">The new number of columns.</param>
    /// <param name="height">The new number of rows.</param>
    /// <param name="resampling">The filter.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or both together are over 2^31 - 1 values.</exception>
    public Image Resize(int width, int height, Resampling resampling = Resampling.Bilinear)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (!Enum.IsDefined(resampling))
        {
            throw new ArgumentOutOfRangeException(nameof(resampling), resampling, "Expected a member of the enumeration.");
        }

        if ((long)width * Math.Max(height, Height) * Channels > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(
                nameof(width), $"Resize from {Width} x {Height} to {width} x {height} needs more than {Array.MaxLength} values.");
        }

        byte[] pixels = Resampler.Resize(_pixels, Height, Width, Channels, height, width, resampling);
        return new Image(pixels, width, height, Channels);
    }

    /// <summary>The middle of the picture. Odd remainders are divided as in torchvision's <c>center_crop</c>.</summary>
    /// <param name="width">The number of columns to keep.</param>
    /// <param name="height">The number of rows to keep.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1 or larger than the picture.</exception>
    public Image CenterCrop(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (width > Width || height > Height)
        {
            throw new ArgumentOutOfRangeException(
                nameof(width), $"CenterCrop to {width} x {height}: the picture is {Width} x {Height}, expected at least that.");
        }

        int left = (int)Math.Round((Width - width) / 2.0, MidpointRounding.ToEven);
        int top = (int)Math.Round((Height - height) / 2.0, MidpointRounding.ToEven);
        int rowLength = width * Channels;
        var pixels = new byte[height * rowLength];
        for (int y = 0; y < height; y++)
        {
            int start = ((top + y) * Width + left) * Channels;
            _pixels.AsSpan(start, rowLength).CopyTo(pixels.AsSpan(y * rowLength));
        }

        return new Image(pixels, width, height, Channels);
    }

    /// <summary>Writes the picture to a file, in the format that its extension names: .png, .jpg, .jpeg or .webp. The file
    /// appears whole or not at all; an existing one is replaced.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ArgumentException">The extension names no format that can be written.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ImageFileWriter.Write(path, Encode(ImageFileWriter.EncodingOf(path)));
    }

    /// <summary>The picture as the bytes of a file.</summary>
    /// <param name="encoding">The format.</param>
    /// <param name="quality">For JPEG and WebP: 0, small, to 100, close to the original.</param>
    /// <exception cref="ArgumentOutOfRangeException">The format or quality does not exist.</exception>
    public byte[] Encode(ImageEncoding encoding = ImageEncoding.Png, int quality = 90)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(quality);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        return ImageFileWriter.Encode(this, encoding, quality);
    }

    /// <summary>The size, such as "451 x 300 RGB".</summary>
    public override string ToString() => $"{Width} x {Height} {(Channels == 1 ? "gray" : "RGB")}";

    /// <summary>A picture that takes the array instead of a copy; the caller gives it up.</summary>
    internal static Image Own(byte[] pixels, int width, int height, int channels) => new(pixels, width, height, channels);

    private static Image Load(Stream stream, string name, ImageDecodeOptions options)
    {
        if (stream.CanSeek)
        {
            CheckBytes(stream.Length - stream.Position, name, options);
        }

        // The count is checked while reading too: not every stream knows its length, and files can grow.
        using var bytes = new MemoryStream();
        var part = new byte[81920];
        int count;
        while ((count = stream.Read(part)) > 0)
        {
            bytes.Write(part, 0, count);
            CheckBytes(bytes.Length, name, options);
        }

        return ImageDecoder.Decode(bytes.ToArray(), name, options);
    }

    private static void CheckBytes(long count, string name, ImageDecodeOptions options)
    {
        if (count > options.MaxBytes)
        {
            throw new ImageFormatException(
                $"{name}: {count} bytes or more, expected at most {options.MaxBytes}"
                + $" ({nameof(ImageDecodeOptions)}.{nameof(ImageDecodeOptions.MaxBytes)}).");
        }
    }
}
