// The tutorial's steps on one picture: convolution, activation, pooling, and what they look like. Files are written when all
// of them are there: a mistake or Ctrl+C on the way leaves nothing behind.

using System.Diagnostics;
using CnnNative.Imaging;

namespace CnnNative.Cli;

internal sealed class FilterRun : IDisposable
{
    private const int TimedRuns = 5;
    private readonly FilterOptions _options;
    private readonly CancellationToken _cancellation;
    private readonly List<FilterStep> _steps = [];

    private FilterRun(FilterOptions options, CancellationToken cancellation)
    {
        _options = options;
        _cancellation = cancellation;
    }

    public static void FromFile(string path, FilterOptions options, CancellationToken cancellation)
    {
        Kernel2d kernel = FilterOptions.ParseKernel(options.Kernel);
        Run(Image.Load(path), kernel, options, cancellation);
    }

    public static void FromImage(Image image, FilterOptions options, CancellationToken cancellation) =>
        Run(image, FilterOptions.ParseKernel(options.Kernel), options, cancellation);

    public void Dispose() => _steps.ForEach(step => step.Result.Dispose());

    private static void Run(Image image, Kernel2d kernel, FilterOptions options, CancellationToken cancellation)
    {
        using ComputeContext context = options.Compute.Open();
        using FilterRun run = new(options, cancellation);
        run.Compute(image, kernel, context);
        IReadOnlyList<string> files = run.WritePictures(kernel);
        FilterReport report = FilterReport.Create(context, run._steps, files);
        if (options.Json)
        {
            report.PrintJson();
        }
        else
        {
            report.PrintTable();
        }
    }

    private void Compute(Image image, Kernel2d kernel, ComputeContext context)
    {
        Tensor original = Step("original", () => Prepare(image));
        Tensor edges = Step(
            "convolution",
            () => Cnn.Conv2d(original, kernel, _options.Stride, _options.Padding, _options.Dilation, context: context));
        Tensor active = Step("activation", () => Cnn.Activate(edges, _options.Activation, context));
        Step("pooling", () => Pool(active, context));
    }

    private Tensor Prepare(Image image)
    {
        Image colored = _options.Rgb ? image.ToRgb() : image.ToGrayscale();
        return colored.Resize(_options.Size.Width, _options.Size.Height).ToTensor();
    }

    private Tensor Pool(Tensor input, ComputeContext context) => _options.Pool switch
    {
        null => input.Clone(),
        { Maximum: true, Window: int window } => Cnn.MaxPool2d(input, window, padding: _options.Padding, context: context),
        { Window: int window } => Cnn.AveragePool2d(input, window, padding: _options.Padding, context: context),
    };

    /// <summary>Runs a step once to warm up and then some times more; the median is its time.</summary>
    private Tensor Step(string name, Func<Tensor> compute)
    {
        _cancellation.ThrowIfCancellationRequested();
        Tensor result = compute();
        FilterStep step = new(name, result);
        _steps.Add(step);
        double[] microseconds = new double[TimedRuns];
        for (int i = 0; i < TimedRuns; i++)
        {
            _cancellation.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            compute().Dispose();
            microseconds[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        Array.Sort(microseconds);
        step.Microseconds = microseconds[TimedRuns / 2];
        return result;
    }

    private List<string> WritePictures(Kernel2d kernel)
    {
        Tensor[] results = [.. _steps.Select(step => step.Result)];
        List<(string Name, byte[] Png)> pictures = [("original.png", Image.FromTensor(results[0]).Encode())];
        foreach (FilterStep step in _steps.Skip(1))
        {
            _cancellation.ThrowIfCancellationRequested();
            HeatMapFigure figure = Figure.Row(step.Result).WithColormap(Colormap.Magma).WithTitles(Title(step, kernel));
            pictures.Add(($"{step.Name}.png", figure.Render()));
        }

        HeatMapFigure all = Figure.Row(results).WithColormap(Colormap.Magma).WithTitles([.. _steps.Select(step => Title(step, kernel))]);
        pictures.Add(("steps.png", all.Render()));
        _cancellation.ThrowIfCancellationRequested();

        CreateFolder(_options.Output);
        foreach ((string name, byte[] png) in pictures)
        {
            PngFile.Write(Path.Combine(_options.Output, name), png);
        }

        return [.. pictures.Select(picture => Path.Combine(_options.Output, picture.Name))];
    }

    private string Title(FilterStep step, Kernel2d kernel) => step.Name switch
    {
        "original" => $"original {step.Result.Shape[1]}x{step.Result.Shape[2]}",
        "convolution" => $"{kernel.Name} {kernel.Size}",
        "activation" => FilterOptions.NameOf(_options.Activation.Kind),
        _ when _options.Pool is { } pool => $"{(pool.Maximum ? "max" : "average")} pooling {pool.Window}x{pool.Window}",
        _ => "no pooling",
    };

    private static void CreateFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"--out is '{folder}', which cannot be made: {AtomicFile.Reason(error, Path.GetFullPath(folder))}", error);
        }
    }
}

/// <summary>A step that was computed: its name, its result, and the median of its times.</summary>
internal sealed record FilterStep(string Name, Tensor Result)
{
    public double Microseconds { get; set; }
}
