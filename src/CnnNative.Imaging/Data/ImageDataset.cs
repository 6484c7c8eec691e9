// Picture files with labels. Headers of all files are looked at once, because a size that differs or a file that is no picture
// has to be known before training; pixels are decoded when they are asked for, and kept where memory allows.

namespace CnnNative.Imaging;

/// <summary>A file and the number of its class.</summary>
/// <param name="Path">The picture file.</param>
/// <param name="Label">The class, counted from 0.</param>
public readonly record struct LabeledImage(string Path, int Label);

/// <summary>Picture files as samples: height x width x channels from 0 to 1, with a class label. Safe to use from several
/// threads.</summary>
public sealed class ImageDataset : IDataset
{
    private readonly LabeledImage[] _files;
    private readonly ImageDatasetOptions _options;
    private readonly byte[]?[]? _cache;
    private readonly int _height, _width, _channels;

    /// <summary>Looks at the files and prepares to read them.</summary>
    /// <param name="files">The files and their labels.</param>
    /// <param name="classNames">The names of the classes.</param>
    /// <param name="options">How to read them; the defaults if null.</param>
    /// <exception cref="ArgumentException">There are no files, a label is not the number of a class, or an option is out of its
    /// range.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="ImageFormatException">A file is no picture.</exception>
    /// <exception cref="InvalidDataException">Pictures have different sizes and no size was asked for.</exception>
    public ImageDataset(IReadOnlyList<LabeledImage> files, IReadOnlyList<string> classNames, ImageDatasetOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(classNames);
        _files = [.. files];
        _options = options ?? new ImageDatasetOptions();
        CheckArguments(classNames);
        (_height, _width, _channels) = FindShape();
        Schema = DataSchema.OfLabeledImages((_height, _width, _channels), classNames);
        if ((long)_height * _width * _channels * _files.Length <= _options.CacheBytes)
        {
            _cache = new byte[_files.Length][];
        }
    }

    /// <inheritdoc/>
    public int Count => _files.Length;

    /// <inheritdoc/>
    public DataSchema Schema { get; }

    /// <summary>The files and their labels.</summary>
    public IReadOnlyList<LabeledImage> Files => _files;

    /// <inheritdoc/>
    public void Read(int index, in Sample sample)
    {
        Span<float> input = sample.Input;
        ByteColumn.Scale(Pixels(index), 255, input);
        sample.Target[0] = _files[index].Label;
    }

    /// <inheritdoc/>
    public string NameOf(int index) => _files[index].Path;

    /// <inheritdoc/>
    public int LabelOf(int index) => _files[index].Label;

    private ReadOnlySpan<byte> Pixels(int index)
    {
        // Two threads may decode the same picture; both get the same bytes.
        if (_cache?[index] is { } known)
        {
            return known;
        }

        Image image = Decode(index);
        if (_cache is not null)
        {
            _cache[index] = image.Pixels.ToArray();
        }

        return image.Pixels;
    }

    private Image Decode(int index)
    {
        Image image = Image.Load(_files[index].Path, _options.Decoding);
        image = _channels == 1 ? image.ToGrayscale() : image.ToRgb();
        if (_options.Size is null)
        {
            return image.Width == _width && image.Height == _height
                ? image
                : throw new InvalidDataException(
                    $"'{_files[index].Path}': the picture is {image.Width} x {image.Height}, expected {_width} x {_height} as"
                    + " when the data set was opened.");
        }

        if (!_options.Crop)
        {
            return image.Resize(_width, _height, _options.Resampling);
        }

        // The side that is short of the proportions becomes exact, the other one stands out.
        double scale = Math.Max((double)_width / image.Width, (double)_height / image.Height);
        int width = Math.Max(_width, (int)Math.Round(image.Width * scale));
        int height = Math.Max(_height, (int)Math.Round(image.Height * scale));
        return image.Resize(width, height, _options.Resampling).CenterCrop(_width, _height);
    }

    private (int Height, int Width, int Channels) FindShape()
    {
        if (_options is { Size: { } size, Channels: { } channels })
        {
            return (size.Height, size.Width, channels);
        }

        ImageHeader first = default;
        int most = 1;
        for (int i = 0; i < _files.Length; i++)
        {
            ImageHeader header = ImageHeader.Read(_files[i].Path, _options.Decoding);
            first = i == 0 ? header : first;
            most = Math.Max(most, header.Channels);
            if (_options.Size is null && (header.Width, header.Height) != (first.Width, first.Height))
            {
                throw new InvalidDataException(
                    $"'{_files[i].Path}': the picture is {header.Width} x {header.Height}, expected"
                    + $" {first.Width} x {first.Height} as '{_files[0].Path}'; give a size to resize pictures to (--size of the command cnn).");
            }
        }

        Size2d wanted = _options.Size ?? (first.Height, first.Width);
        return (wanted.Height, wanted.Width, _options.Channels ?? most);
    }

    private void CheckArguments(IReadOnlyList<string> classNames)
    {
        if (_files.Length == 0)
        {
            throw new ArgumentException("ImageDataset: there are no files, expected at least one.");
        }

        foreach (LabeledImage file in _files)
        {
            if ((uint)file.Label >= (uint)classNames.Count)
            {
                throw new ArgumentException(
                    $"ImageDataset: the label of '{file.Path}' is {file.Label}, expected 0 to {classNames.Count - 1}.");
            }
        }

        if (_options.Channels is not (null or 1 or 3))
        {
            throw new ArgumentException($"ImageDataset: {_options.Channels} channels were asked for, expected 1 or 3.");
        }

        if (_options.Size is { } size
            && (size.Height < 1 || size.Width < 1 || (long)size.Height * size.Width * 3 > Array.MaxLength))
        {
            throw new ArgumentException(
                $"ImageDataset: a size of {size.Height}x{size.Width} was asked for, expected at least 1x1 and 2^31 values.");
        }
    }
}
