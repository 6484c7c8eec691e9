// A test of a model from the file to the tables.

using CnnNative.Imaging;

namespace CnnNative.Cli;

internal static class EvalRun
{
    // Wider matrices are broken by terminals; the picture and the JSON have them whole.
    private const int MostInTable = 20;

    public static async Task RunAsync(EvalOptions options, CancellationToken cancellation)
    {
        using ComputeContext context = options.Compute.Open();
        using Model model = ModelSource.Load(options.Model);
        model.Preprocessing = options.Picture.Over(model.Preprocessing ?? PictureReader.Guess(model));
        DataSource source = await options.Data.OpenAsync(Pictures(model), cancellation);
        (string split, IDataset part) = Choose(source, options.Split);
        IDataset pictures = options.Data.Limited(part);
        options.Picture.RequireOf(pictures.Schema.Inputs[0].Shape, source.Name);
        ModelFacts.RequireFit(model, options.Model, pictures.Schema, source.Name);
        IDataset data = PreparedDataset.For(pictures, source.Name, model);
        model.ClassNames ??= source.ClassNames;
        TestFigures test = TestFigures.Measure(model, data, context, TestPictures.Mistakes, cancellation);

        List<string> files = [];
        string title = $"{Path.GetFileNameWithoutExtension(options.Model)} on {source.Name}";
        if (options.Plots is { } folder)
        {
            Directory.CreateDirectory(folder);
            files.AddRange(TestPictures.Write(folder, test, pictures, title));
        }

        if (options.Report is { } path)
        {
            OutputPath.MakeFolderOf(path);
            EvalText.WriteMarkdown(path, test, title, split, files);
            files.Add(path);
        }

        if (options.Json)
        {
            Console.WriteLine(EvalReport.Create(options.Model, source.Name, split, test, data, files).ToJson());
        }
        else
        {
            EvalText.Print(test, data, source.Name, split, MostInTable, files);
        }
    }

    /// <summary>How pictures of a folder are brought to the model's size.</summary>
    private static ImageDatasetOptions? Pictures(Model model)
    {
        return model.Preprocessing is not { } preprocessing ? null : new ImageDatasetOptions
        {
            Size = preprocessing.Size,
            Channels = preprocessing.Channels,
            Crop = preprocessing.Fit == PictureFit.Crop,
        };
    }

    private static (string Split, IDataset Part) Choose(DataSource source, string? split) => split switch
    {
        "train" => ("train", source.Train),
        "test" => ("test", source.Test ?? throw Missing(source, "test")),
        "validation" => ("validation", source.Validation ?? throw Missing(source, "validation")),
        _ when source.Test is { } test => ("test", test),
        _ when source.Validation is { } validation => ("validation", validation),
        _ => ("train", source.Train),
    };

    private static UserException Missing(DataSource source, string split) =>
        new($"--split is '{split}', but {source.Name} has no {split} part.");
}
