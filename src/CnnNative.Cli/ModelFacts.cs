// What commands need to know of any model: how many classes it tells apart, what its scores are, which pictures it takes.

namespace CnnNative.Cli;

internal static class ModelFacts
{
    /// <summary>How many classes the first output tells apart.</summary>
    public static int Classes(Model model) => model.OutputShape(1)[^1];

    /// <summary>Whether the first output is probabilities, and not what a softmax makes them of.</summary>
    public static bool GivesProbabilities(Model model) => model.Outputs[0].Value.Producer?.Operator.Kind == "Softmax";

    /// <summary>The shape of one sample of the first input: height x width x channels for pictures.</summary>
    public static Shape Input(Model model)
    {
        Shape one = model.Inputs[0].ForBatch(1);
        return new Shape([.. one.ToArray().Skip(1)]);
    }

    /// <summary>How pictures from 0 to 1 of a shape become the input.</summary>
    public static Preprocessing PreprocessingOf(Shape picture, PictureFit fit = PictureFit.Stretch) => new()
    {
        Size = (picture[0], picture[1]),
        Color = picture[2] == 1 ? ColorOrder.Grayscale : ColorOrder.Rgb,
        Fit = fit,
    };

    /// <summary>Refuses data that the model cannot take, in words about the data.</summary>
    /// <param name="model">The model.</param>
    /// <param name="modelName">What it is called.</param>
    /// <param name="data">The data.</param>
    /// <param name="dataName">What it is called.</param>
    public static void RequireFit(Model model, string modelName, DataSchema data, string dataName)
    {
        if (model.Inputs.Count != 1)
        {
            throw new UserException($"{modelName} has {model.Inputs.Count} inputs, expected one: a picture.");
        }

        Shape picture = data.Inputs[0].Shape;
        if (!model.Inputs[0].Accepts(new Shape([1, .. picture.ToArray()])))
        {
            throw new UserException($"The pictures of {dataName} are {picture}, the model {modelName} takes {Input(model)}.");
        }

        int classes = Classes(model), named = data.ClassNames?.Count ?? 0;
        if (named == 0)
        {
            throw new UserException($"{dataName} has no classes ({data}), expected pictures with class labels.");
        }

        if (named > classes)
        {
            throw new UserException($"{dataName} has {named} classes, the model {modelName} tells {classes} apart.");
        }
    }
}
