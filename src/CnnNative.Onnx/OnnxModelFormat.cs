// ONNX as one of the formats in which models are kept. The core finds this class by its name (see ModelFormats), so that
// Model.Load, Model.Save and CompiledModel.Load take .onnx files wherever this package is referenced.

using CnnNative.Models;
using CnnNative.Onnx.Writing;

namespace CnnNative.Onnx;

/// <summary>.onnx files.</summary>
internal sealed class OnnxModelFormat : IModelFormat
{
    public Model Load(string path, IReadOnlyDictionary<string, Shape>? inputShapes, bool forRuns)
    {
        using OnnxModel onnx = OnnxModel.Load(path);
        Model model = Import(onnx, inputShapes);
        if (!forRuns)
        {
            // The file may be written anew, by the same model perhaps.
            foreach (Parameter parameter in model.Parameters)
            {
                parameter.Value.LoadNow();
            }
        }

        return model;
    }

    public void Save(Model model, string path) => OnnxExport.Save(model, path);

    /// <summary>Makes a model; it keeps the weights that it needs alive by itself.</summary>
    public static Model Import(OnnxModel onnx, IReadOnlyDictionary<string, Shape>? inputShapes)
    {
        (string[]? classNames, Preprocessing? preprocessing) = ModelNotes.Read(onnx);
        Dictionary<string, Shape> shapes = new(inputShapes ?? new Dictionary<string, Shape>(), StringComparer.Ordinal);
        foreach (string name in shapes.Keys.Where(name => !onnx.Inputs.Any(input => input.Name == name)))
        {
            throw new ArgumentException(
                $"{onnx.Name}: the model has no input '{name}'; it has " +
                $"{string.Join(", ", onnx.Inputs.Select(input => $"'{input.Name}'"))}.", nameof(inputShapes));
        }

        foreach (OnnxValue input in onnx.Inputs.Where(input => !shapes.ContainsKey(input.Name)))
        {
            shapes[input.Name] = WithOneSample(onnx, input);
        }

        return new Model(onnx.ImportForModel(shapes).Graph) { ClassNames = classNames, Preprocessing = preprocessing };
    }

    /// <summary>The shape of an input of which nothing but the batch may be open.</summary>
    private static Shape WithOneSample(OnnxModel onnx, OnnxValue input)
    {
        if (input.Dimensions is null || input.Dimensions.Where((dimension, i) => i > 0 && dimension.IsOpen).Any())
        {
            throw new ShapeException(
                $"{onnx.Name}: input '{input.Name}' is {(input.Dimensions is null ? "of any shape"
                    : string.Join(" x ", input.Dimensions))}; give its shape, with the dimensions in this order.");
        }

        return new Shape([.. input.Dimensions.Select(dimension => dimension.IsOpen ? 1 : dimension.Size)]);
    }
}
