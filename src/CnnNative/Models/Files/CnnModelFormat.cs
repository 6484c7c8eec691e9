// The library's own kind of file: a safetensors file with weights and constants, whose metadata holds the document of the model.

using System.Text;
using System.Text.Json;
using CnnNative.Files;
using CnnNative.Graphs;

namespace CnnNative.Models;

/// <summary>.cnn files.</summary>
internal sealed class CnnModelFormat : IModelFormat
{
    public Model Load(string path, IReadOnlyDictionary<string, Shape>? inputShapes, bool forRuns)
    {
        Model model = Read(path);
        try
        {
            RequireFit(path, model, inputShapes);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    public void Save(Model model, string path)
    {
        string content = JsonText.Write(json => ModelDocument.Write(json, model, withConstants: false), indented: false);
        OrderedDictionary<string, Tensor> tensors = new(StringComparer.Ordinal);
        Dictionary<string, byte[]> others = new(StringComparer.Ordinal);
        foreach (Parameter parameter in model.Parameters)
        {
            if (parameter.Value.ElementType == ElementType.Float32)
            {
                tensors.Add(parameter.Name, parameter.Value);
            }
            else
            {
                others.Add(parameter.Name, TensorBytes.Of(parameter.Value));
            }
        }

        TensorContainer.Write(path, ModelDocument.FileFormat, ModelDocument.FileVersion, content, tensors, bytes: others);
    }

    private static Model Read(string path)
    {
        try
        {
            using var container = TensorContainer.Read(path, ModelDocument.FileFormat, ModelDocument.FileVersion);
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
        }
        catch (InvalidDataException error)
        {
            throw new CnnFormatException(error.Message, error);
        }
        catch (FormatException error)
        {
            // Whatever is wrong with the content of a file is told with the file's name.
            throw new CnnFormatException($"{path}: {error.Message}", error);
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

    /// <summary>Open dimensions stay open; shapes that contradict the model are a mistake all the same.</summary>
    private static void RequireFit(string path, Model model, IReadOnlyDictionary<string, Shape>? inputShapes)
    {
        foreach ((string name, Shape shape) in inputShapes ?? new Dictionary<string, Shape>())
        {
            GraphInput input = model.Inputs.FirstOrDefault(input => input.Name == name) ?? throw new ArgumentException(
                $"{path}: the model has no input '{name}'; it has {string.Join(", ", model.Inputs.Select(i => i.Name))}.",
                nameof(inputShapes));
            if (!input.Accepts(SourceOrder.ToGraph(shape, input.SourceOrder)))
            {
                throw new ShapeException($"{path}: input '{name}' is {shape}, the model takes {input}.");
            }
        }
    }
}
