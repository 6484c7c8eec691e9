// The second half of the demo: a network learns to read, and shows what it makes of ten digits that it has never seen.

using CnnNative.Imaging;

namespace CnnNative.Cli;

internal static class DigitsDemo
{
    private const int Epochs = 5;
    private const string Data = "mnist-10k";

    /// <summary>Trains, and writes the model and pictures.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string folder, CancellationToken cancellation)
    {
        TrainOptions options = new()
        {
            Data = new DataChoice(Data, null, null, new DataDownload(Mirror: null, IsOffline: true)),
            Compute = new ComputeChoice(Backend: null, Threads: 0),
            Optimizer = new OptimizerOptions(),
            Model = "lenet",
            Epochs = Epochs,
            ValidationSplit = 0.1,
            Seed = 1,
            Plots = folder,
            Out = Path.Combine(folder, "digits.cnn"),
        };
        int code = await TrainRun.RunAsync(options, cancellation);
        if (code == 0)
        {
            string picture = Path.Combine(folder, "digits.png");
            DrawDigits(options.Out, picture);
            Console.WriteLine($"wrote {picture}");
            Console.WriteLine();
            Console.WriteLine(
                "Next: cnn train --data mnist-10k --epochs 20, cnn train --help, cnn eval --help, cnn predict --help.");
        }

        return code;
    }

    /// <summary>The first digit of each kind in the test set, with what the model says.</summary>
    private static void DrawDigits(string modelPath, string picturePath)
    {
        using Model model = Model.Load(modelPath);
        IDataset test = DataSource.Open(Data).Test!;
        int[] chosen =
            [.. Enumerable.Range(0, test.Count).GroupBy(test.LabelOf).OrderBy(group => group.Key).Select(group => group.First())];
        List<Image> pictures = [];
        List<PictureCaption> captions = [];
        foreach (int index in chosen)
        {
            Image picture = TestPictures.PictureOf(test, index);
            using Tensor input = picture.ToTensor();
            ClassGuess guess = Probabilities.Top(model, input, 1, ComputeContext.Default)[0];
            bool isRight = guess.Index == test.LabelOf(index);
            pictures.Add(picture);
            captions.Add(new PictureCaption(
                $"{guess.Class}  {TestPictures.Sure((float)guess.Probability)}", isRight ? "right" : $"is {test.LabelOf(index)}",
                isRight ? PictureMark.Right : PictureMark.Wrong));
        }

        Figure.Pictures(pictures, 5)
            .WithTitle("ten digits that the network has never seen")
            .WithCaptions(captions)
            .Save(picturePath);
    }
}
