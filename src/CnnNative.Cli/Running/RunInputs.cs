// The arrays for all inputs of a model: those from files, and a picture for the one that is left. What is missing or unknown is
// told with the names that there are.

namespace CnnNative.Cli;

/// <summary>Arrays by the names of inputs, with the dimensions in the file's order.</summary>
internal sealed class RunInputs : IDisposable
{
    private readonly Dictionary<string, Tensor> _arrays = new(StringComparer.Ordinal);

    /// <summary>The arrays.</summary>
    public IReadOnlyDictionary<string, Tensor> Arrays => _arrays;

    /// <summary>Reads all inputs.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="ports">The inputs of the model.</param>
    /// <param name="own">How the model says that pictures become inputs; null if it does not.</param>
    /// <exception cref="UserException">Inputs are missing, unknown, or of another shape or type.</exception>
    public static RunInputs Read(RunOptions options, IReadOnlyList<RunPort> ports, Preprocessing? own)
    {
        RunInputs inputs = new();
        try
        {
            foreach ((string name, string file) in options.Inputs)
            {
                RunPort port = Find(options.Model, ports, name);
                Tensor array = port.Read(file);
                if (!inputs._arrays.TryAdd(port.Name, array))
                {
                    array.Dispose();
                    throw new UserException($"--input was given twice for '{port.Name}', expected one array for each input.");
                }
            }

            if (options.Picture is { } picture)
            {
                RunPort port = ports.FirstOrDefault(port => !inputs._arrays.ContainsKey(port.Name))
                    ?? throw new UserException("--image was given, but every input has an array already.");
                inputs._arrays.Add(port.Name, ReadPicture(options, picture, port, own));
            }

            RunPort[] missing = [.. ports.Where(port => !inputs._arrays.ContainsKey(port.Name))];
            return missing.Length == 0 ? inputs : throw new UserException(
                $"{options.Model} needs {string.Join(", ", missing.Select(port => $"{port}"))}: give --input " +
                $"{missing[0].Name}=FILE.npy{(missing.Length == 1 ? ", or a picture with --image FILE" : "")}.");
        }
        catch
        {
            inputs.Dispose();
            throw;
        }
    }

    /// <summary>Frees the arrays.</summary>
    public void Dispose()
    {
        foreach (Tensor array in _arrays.Values)
        {
            array.Dispose();
        }
    }

    private static RunPort Find(string model, IReadOnlyList<RunPort> ports, string name)
    {
        if (name.Length == 0)
        {
            return ports.Count == 1 ? ports[0] : throw new UserException(
                $"--input has no name, but {model} has {ports.Count} inputs: {List(ports)}; expected NAME=FILE.npy.");
        }

        return ports.FirstOrDefault(port => port.Name == name)
            ?? throw new UserException($"--input: {model} has no input '{name}'; it has {List(ports)}.");
    }

    private static string List(IReadOnlyList<RunPort> ports) => string.Join(", ", ports);

    private static Tensor ReadPicture(RunOptions options, string picture, RunPort port, Preprocessing? own)
    {
        (int height, int width, int channels, bool channelsFirst) = port.PictureSizes(options.Layout);
        Size2d? size = options.Preprocessing.Size ?? own?.Size ?? (height > 0 && width > 0 ? (height, width) : null);
        if (size is not { } known)
        {
            throw new UserException($"The input {port} takes pictures of any size; say which with --size WIDTHxHEIGHT.");
        }

        Preprocessing guess = own ?? new Preprocessing
        {
            Size = known,
            Color = channels == 1 ? ColorOrder.Grayscale : ColorOrder.Rgb,
        };
        Preprocessing chosen = options.Preprocessing.Over(guess)!;
        if (channels > 0 && chosen.Channels != channels)
        {
            throw new UserException($"The input {port} takes {channels} channels, a picture has {chosen.Channels}.");
        }

        Tensor pixels = PictureReader.Read(picture, chosen, invert: false);
        using Tensor first = channelsFirst ? Turned(pixels) : pixels;
        Shape shape = first.Shape;
        return first.Reshape(port.Dimensions!.Count == 4 ? shape : new Shape(shape.ToArray().AsSpan(1)));
    }

    /// <summary>Channels before pixels, and the other tensor freed.</summary>
    private static Tensor Turned(Tensor pixels)
    {
        using (pixels)
        {
            Shape shape = pixels.Shape;
            Tensor turned = Tensor.Uninitialized((shape[0], shape[3], shape[1], shape[2]));
            ComputeContext.Setup.Kernels.Transpose([0, 3, 1, 2], pixels, turned);
            return turned;
        }
    }
}
