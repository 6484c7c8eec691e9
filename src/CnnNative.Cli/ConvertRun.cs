// Reads one kind of file and writes another.

namespace CnnNative.Cli;

internal static class ConvertRun
{
    public static void Run(ConvertOptions options)
    {
        ModelSource.RequireFile("IN", options.Input);
        OutputPath.RequireWritable("OUT", options.Output);
        if (IsWeights(options.Input) && IsWeights(options.Output) && options.Model is null)
        {
            using TensorCollection tensors = Ending(options.Input) == ".npz"
                ? NpzFile.Read(options.Input)
                : SafeTensorsFile.Read(options.Input);
            Write(tensors, options.Output);
            Console.WriteLine($"wrote {options.Output}: {FigureTexts.Count(tensors.Count)} tensors");
            return;
        }

        using Model model = Read(options);
        model.Preprocessing = options.Picture.Over(model.Preprocessing ?? Guess(options, model));
        if (options.Classes is { } classes)
        {
            model.ClassNames = ReadClasses(classes, model);
        }

        Write(model, options.Output);
        RunPort[] inputs = RunPort.Of(model, asOnnx: Ending(options.Output) == ".onnx");
        Console.WriteLine(
            $"wrote {options.Output}: {FigureTexts.Count(model.ParameterCount)} parameters, " +
            $"inputs {string.Join<RunPort>(", ", inputs)}, " +
            $"outputs {string.Join(", ", model.Outputs.Select(output => output.Name))}");
    }

    /// <summary>A first guess, where something is said of pictures and the model itself says nothing.</summary>
    private static Preprocessing? Guess(ConvertOptions options, Model model) =>
        options.Picture.IsGiven ? PictureReader.Guess(model) : null;

    private static string Ending(string path) => Path.GetExtension(path).ToLowerInvariant();

    private static bool IsWeights(string path) => Ending(path) is ".safetensors" or ".npz";

    private static Model Read(ConvertOptions options)
    {
        if (!IsWeights(options.Input))
        {
            return ModelSource.IsFile(options.Input)
                ? ModelSource.ForReading(options.Input, options.Shapes)
                : throw new UserException(
                    $"IN is '{options.Input}', expected a name that ends with {ModelSource.Endings}, .safetensors or .npz.");
        }

        Model model = ModelSource.ForReading(options.Model ?? throw new UserException(
            $"IN is '{options.Input}', which has weights alone; name the network that they belong to with --model."));
        try
        {
            model.LoadWeights(options.Input);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static void Write(Model model, string path)
    {
        switch (Ending(path))
        {
            case ".json":
                model.SaveDescription(path);
                break;
            case ".safetensors" or ".npz":
                model.SaveWeights(path);
                break;
            default:
                model.Save(path);
                break;
        }
    }

    private static void Write(TensorCollection tensors, string path)
    {
        if (Ending(path) == ".npz")
        {
            NpzFile.Write(path, tensors);
        }
        else
        {
            SafeTensorsFile.Write(path, tensors);
        }
    }

    private static string[] ReadClasses(string path, Model model)
    {
        ModelSource.RequireFile("--classes", path);
        string[] names = [.. File.ReadAllLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)];
        int classes = ModelFacts.Classes(model);
        return names.Length == classes
            ? names
            : throw new UserException($"--classes: '{path}' names {names.Length} classes, the model tells {classes} apart.");
    }
}
