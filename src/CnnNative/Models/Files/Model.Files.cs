// Models in files. A .cnn file has everything; weights alone go to and come from the files that other frameworks share; a
// description is the model without its weights.

using System.Text;
using System.Text.Json;
using CnnNative.Files;
using CnnNative.Models;

namespace CnnNative;

public sealed partial class Model
{
    /// <summary>Loads a model: what <see cref="Save"/> wrote, or an ONNX model. All of the file is checked before anything is
    /// used.</summary>
    /// <param name="path">The file. One that ends with .onnx is an ONNX model, for which the program references
    /// CnnNative.Onnx; any other is a .cnn file.</param>
    /// <returns>The model, which the caller disposes. Inputs and outputs that are pictures have their channels last, in whichever
    /// order the file has them; see <see cref="GraphInput.SourceOrder"/>.</returns>
    /// <exception cref="CnnFormatException">The file is no model, is damaged, cut short, or was made by a newer version; the
    /// message says which.</exception>
    /// <exception cref="ShapeException">Inputs of an ONNX model have open dimensions besides the batch, which the message names;
    /// give their shapes.</exception>
    /// <exception cref="NotSupportedException">CnnNative.Onnx is not there, or an ONNX model uses operators that are not
    /// supported, all of which the message names.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Model Load(string path) => Load(path, inputShapes: null);

    /// <summary>Loads a model for inputs of given shapes; see <see cref="Load(string)"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="inputShapes">Shapes by the names of inputs, with the dimensions in the file's order: 1 x 3 x 480 x 640 for a
    /// picture of most ONNX models. Inputs of which nothing but the batch is open may be left out.</param>
    /// <returns>The model, which the caller disposes. Its batch stays open where the file lets it.</returns>
    /// <exception cref="ArgumentException">The model has no input of a name that was given.</exception>
    /// <exception cref="ShapeException">A shape does not fit the model, or one is missing.</exception>
    public static Model Load(string path, IReadOnlyDictionary<string, Shape>? inputShapes) =>
        ModelFormats.For(path).Load(path, inputShapes);

    /// <summary>Makes a model of a description; its weights get first values.</summary>
    /// <param name="path">A file that <see cref="SaveDescription"/> wrote, or somebody by hand; see
    /// src/CnnNative/Models/README.md.</param>
    /// <param name="seed">Where random weights come from; see <see cref="GraphBuilder.Build"/>.</param>
    /// <returns>The model, which the caller disposes.</returns>
    /// <exception cref="InvalidDataException">The file is no description; the message says what is wrong and where.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Model LoadDescription(string path, ulong seed = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] text = File.ReadAllBytes(path);
        return InFile(path, () =>
        {
            using JsonDocument document = JsonText.Parse(text);
            return ModelDocument.Read(document.RootElement, graph => GraphJson.Read(graph, seed));
        });
    }

    /// <summary>Writes the model with weights, statistics, class names and preprocessing. The file appears whole or not at all;
    /// what was there before survives a failure.</summary>
    /// <param name="path">The file. One that ends with .onnx becomes an ONNX model of operator set 17, for which the program
    /// references CnnNative.Onnx: dropout is left out there, and which parameters are frozen is not kept. Any other, by custom
    /// with the ending .cnn, is a safetensors file with everything, which other tools can read.</param>
    /// <exception cref="NotSupportedException">CnnNative.Onnx is not there, or operators have no form in ONNX, all of which the
    /// message names.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => ModelFormats.For(path).Save(this, path);

    /// <summary>Writes the model without its weights, as JSON that people can read and change.</summary>
    /// <param name="path">The file, by custom with the ending .json.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveDescription(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string text = JsonText.Write(json => ModelDocument.Write(json, this, withConstants: true));
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text + "\n")));
    }

    /// <summary>Writes weights, biases and running statistics under their names.</summary>
    /// <param name="path">A file whose ending says its format: .safetensors or .npz.</param>
    /// <exception cref="ArgumentException">The ending is another one.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveWeights(string path)
    {
        OrderedDictionary<string, Tensor> tensors = Tensors(parameter => parameter.Role != ParameterRole.Constant);
        switch (EndingOf(path))
        {
            case ".safetensors":
                SafeTensorsFile.Write(path, tensors);
                break;
            case ".npz":
                NpzFile.Write(path, tensors);
                break;
            default:
                throw WrongEnding(path, ".safetensors or .npz");
        }
    }

    /// <summary>Replaces weights, biases and running statistics by those of a file. Nothing is changed if something does not
    /// fit.</summary>
    /// <param name="path">A file whose ending says its format: .safetensors, .npz, or .cnn of another model.</param>
    /// <param name="strict">Whether each parameter must be in the file, and nothing else; otherwise those are taken that have the
    /// name of a parameter.</param>
    /// <returns>The names of the parameters that were replaced.</returns>
    /// <exception cref="InvalidDataException">Parameters are missing, unknown, or of another shape, all of which the message
    /// lists; or the file is damaged.</exception>
    /// <exception cref="ArgumentException">The ending is another one.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public IReadOnlyList<string> LoadWeights(string path, bool strict = true)
    {
        switch (EndingOf(path))
        {
            case ".safetensors":
                using (TensorCollection tensors = SafeTensorsFile.Read(path))
                {
                    return Replace(path, tensors, strict);
                }

            case ".npz":
                using (TensorCollection tensors = NpzFile.Read(path))
                {
                    return Replace(path, tensors, strict);
                }

            case ".cnn":
                using (var container = TensorContainer.Read(path, ModelDocument.FileFormat, ModelDocument.FileVersion))
                {
                    return Replace(path, container.Tensors, strict);
                }

            default:
                throw WrongEnding(path, ".safetensors, .npz or .cnn");
        }
    }

    /// <summary>Whatever is wrong with the content of a file is told with the file's name.</summary>
    private static Model InFile(string path, Func<Model> read)
    {
        try
        {
            return read();
        }
        catch (FormatException error)
        {
            throw new InvalidDataException($"{path}: {error.Message}", error);
        }
    }

    private static string EndingOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Path.GetExtension(path).ToLowerInvariant();
    }

    private static ArgumentException WrongEnding(string path, string expected) =>
        new($"{path}: the ending is '{Path.GetExtension(path)}', expected {expected}.", nameof(path));

    private OrderedDictionary<string, Tensor> Tensors(Func<Parameter, bool> chosen)
    {
        OrderedDictionary<string, Tensor> tensors = new(StringComparer.Ordinal);
        foreach (Parameter parameter in Parameters.Where(chosen))
        {
            tensors.Add(parameter.Name, parameter.Value);
        }

        return tensors;
    }

    private string[] Replace(string path, TensorCollection tensors, bool strict)
    {
        Parameter[] replaced =
            [.. Parameters.Where(parameter => parameter.Role != ParameterRole.Constant && tensors.ContainsKey(parameter.Name))];
        List<string> problems = [];
        if (strict)
        {
            HashSet<string> known = [.. Parameters.Select(parameter => parameter.Name)];
            string[] missing =
            [
                .. Parameters.Where(parameter => parameter.Role != ParameterRole.Constant).Select(parameter => parameter.Name)
                    .Where(name => !tensors.ContainsKey(name)),
            ];
            string[] others = [.. tensors.Keys.Where(name => !known.Contains(name))];
            AddProblem(problems, missing, "missing");
            AddProblem(problems, others, "not of the model");
        }

        string[] misshaped =
        [
            .. replaced.Where(parameter => tensors[parameter.Name].Shape != parameter.Shape)
                .Select(parameter => $"{parameter.Name} is {tensors[parameter.Name].Shape}, expected {parameter.Shape}"),
        ];
        AddProblem(problems, misshaped, "of another shape");
        if (replaced.Length == 0 && problems.Count == 0)
        {
            problems.Add($"none has the name of a parameter, such as {ModelParameters.List(Parameters)}");
        }

        if (problems.Count > 0)
        {
            throw new InvalidDataException($"{path}: the weights do not fit the model: {string.Join("; ", problems)}.");
        }

        foreach (Parameter parameter in replaced)
        {
            using TensorAccess elements = tensors[parameter.Name].Access();
            parameter.Value.CopyFrom(elements.Values);
        }

        WeightsChanged();
        return [.. replaced.Select(parameter => parameter.Name)];
    }

    private static void AddProblem(List<string> problems, string[] names, string what)
    {
        if (names.Length > 0)
        {
            problems.Add($"{what} ({names.Length}): {ModelParameters.List(names)}");
        }
    }
}
