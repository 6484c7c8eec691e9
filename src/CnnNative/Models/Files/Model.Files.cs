// Models in files. A .cnn file has everything; weights alone go to and come from the files that other frameworks share; a
// description is the model without its weights.

using System.Text;
using System.Text.Json;
using CnnNative.Files;
using CnnNative.Models;

namespace CnnNative;

public sealed partial class Model
{
    /// <summary>Loads a model that <see cref="Save"/> wrote. All of the file is checked before anything is used.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The model, which the caller disposes.</returns>
    /// <exception cref="InvalidDataException">The file is no model, is damaged, cut short, or was made by a newer version; the
    /// message says which.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Model Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var container = TensorContainer.Read(path, ModelDocument.FileFormat, ModelDocument.FileVersion);
        return InFile(path, () =>
        {
            using JsonDocument document = JsonText.Parse(Encoding.UTF8.GetBytes(container.Content));
            Model model = ModelDocument.Read(
                document.RootElement, graph => new GraphReader(parameter => Take(container, parameter)).Read(graph));
            string[] others = [.. container.Tensors.Keys, .. container.Bytes.Keys, .. container.Integers.Keys];
            if (others.Length > 0)
            {
                model.Dispose();
                throw new FormatException($"there are tensors that no parameter is called as: {ModelParameters.List(others)}.");
            }

            return model;
        });
    }

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
    /// <param name="path">The file, by custom with the ending .cnn. It is a safetensors file that other tools can read.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string content = JsonText.Write(json => ModelDocument.Write(json, this, withConstants: false), indented: false);
        Dictionary<string, byte[]> others = Parameters.Where(parameter => parameter.Value.ElementType != ElementType.Float32)
            .ToDictionary(parameter => parameter.Name, parameter => TensorBytes.Of(parameter.Value));
        TensorContainer.Write(
            path, ModelDocument.FileFormat, ModelDocument.FileVersion, content,
            Tensors(parameter => parameter.Value.ElementType == ElementType.Float32), bytes: others);
    }

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

    private static Tensor Take(TensorContainer container, ParameterDeclaration parameter)
    {
        if (parameter.Type != ElementType.Float32)
        {
            return container.Bytes.Remove(parameter.Name, out byte[]? bytes)
                ? TensorBytes.ToTensor(bytes, parameter.Shape, parameter.Type)
                : throw new FormatException("its elements are not in the file.");
        }

        TensorCollection tensors = container.Tensors;
        if (!tensors.TryGetValue(parameter.Name, out Tensor? tensor))
        {
            throw new FormatException("its elements are not in the file.");
        }

        return tensor.Shape == parameter.Shape
            ? tensors.Take(parameter.Name)
            : throw new FormatException($"its elements are {tensor.Shape}, expected {parameter.Shape}.");
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
