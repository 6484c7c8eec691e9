// A network from the file to the arrays. One whose shapes depend on data is imported while it runs; all others are compiled.

using System.Diagnostics;
using System.Text;

namespace CnnNative.Cli;

internal static class ModelRun
{
    private const int ProfileRuns = 10;

    public static void Run(RunOptions options, CancellationToken cancellation)
    {
        ModelSource.RequireFile("MODEL", options.Model);
        using ComputeContext context = options.Compute.Open();
        long start = Stopwatch.GetTimestamp();
        bool isOnnx = Path.GetExtension(options.Model).Equals(".onnx", StringComparison.OrdinalIgnoreCase);
        using OnnxModel? onnx = isOnnx ? OnnxModel.Load(options.Model) : null;
        using Model? own = isOnnx ? null : ModelSource.Load(options.Model);
        using RunInputs inputs = RunInputs.Read(
            options, onnx is null ? RunPort.Of(own!) : RunPort.Of(onnx), onnx is null ? own!.Preprocessing : onnx.Preprocessing);
        Dictionary<string, Shape> shapes = inputs.Arrays.ToDictionary(pair => pair.Key, pair => pair.Value.Shape);
        using Model? imported = onnx is null ? null : TryImport(onnx, shapes);
        Model? model = imported ?? own;
        (TensorCollection outputs, SessionProfile? profile, double load, double run) = model is null
            ? RunInStages(onnx!, inputs, options, context, start)
            : RunCompiled(model, inputs, options, context, start, cancellation);
        using (outputs)
        {
            IReadOnlyList<string?> files = Write(outputs, options.Output);
            if (options.Trace is { } trace)
            {
                OutputPath.MakeFolderOf(trace);
                AtomicFile.Write(trace, stream => stream.Write(Encoding.UTF8.GetBytes(profile!.ToChromeTrace())));
            }

            RunReport report = new(
                options.Model, BackendOption.WordOf(context.Backend), context.InstructionSetName,
                context.Threads,
                Math.Round(load, 2), Math.Round(run, 3),
                [.. outputs.Select((pair, i) => OutputReport.Of(pair.Key, pair.Value, files[i]))],
                options.Profile ? BenchRun.Layers(profile!) : null);
            if (options.Json)
            {
                Console.WriteLine(report.ToJson());
            }
            else
            {
                report.Print(options.Profile ? profile : null);
            }
        }
    }

    /// <summary>The model for the shapes of the arrays; null where more than shapes must be known.</summary>
    private static Model? TryImport(OnnxModel onnx, IReadOnlyDictionary<string, Shape> shapes)
    {
        try
        {
            return onnx.ToModel(shapes);
        }
        catch (OnnxUnsupportedException error) when (error.DependsOnData)
        {
            return null;
        }
    }

    private static (TensorCollection Outputs, SessionProfile? Profile, double Load, double Run) RunCompiled(
        Model model, RunInputs inputs, RunOptions options, ComputeContext context, long start, CancellationToken cancellation)
    {
        using CompiledModel compiled = model.Compile(new CompileOptions { Context = context });
        using Session session = compiled.CreateSession(
            [.. model.Inputs.Select(input => Graphs.SourceOrder.ToGraph(inputs.Arrays[input.Name].Shape, input.SourceOrder))]);
        double load = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        foreach ((string name, Tensor array) in inputs.Arrays)
        {
            session.SetInput(name, array, TensorLayout.Source);
        }

        long begun = Stopwatch.GetTimestamp();
        session.Run(cancellation);
        double run = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        TensorCollection outputs = [];
        foreach (GraphOutput output in model.Outputs)
        {
            outputs.Add(output.Name, session.GetOutput(output.Name, TensorLayout.Source));
        }

        return (outputs, options.Profile || options.Trace is not null ? session.Profile(ProfileRuns) : null, load, run);
    }

    private static (TensorCollection Outputs, SessionProfile? Profile, double Load, double Run) RunInStages(
        OnnxModel onnx, RunInputs inputs, RunOptions options, ComputeContext context, long start)
    {
        if (options.Profile || options.Trace is not null)
        {
            throw new UserException(
                "--profile and --trace need a network whose shapes are known before it runs; those of this one depend on data.");
        }

        double load = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        long begun = Stopwatch.GetTimestamp();
        TensorCollection outputs = onnx.Run(inputs.Arrays, context);
        return (outputs, null, load, Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
    }

    /// <summary>Writes the outputs, each into a file of its name, and gives the paths.</summary>
    private static IReadOnlyList<string?> Write(TensorCollection outputs, string? folder)
    {
        if (folder is null)
        {
            return new string?[outputs.Count];
        }

        Directory.CreateDirectory(folder);
        List<string?> files = [];
        HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, Tensor tensor) in outputs)
        {
            // Names may be paths, as exporters like them.
            string safe = string.Concat(
                name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' ? letter : '_'));
            string unique = safe;
            for (int i = 2; !taken.Add(unique); i++)
            {
                unique = $"{safe}_{i}";
            }

            string path = Path.Combine(folder, $"{unique}.npy");
            NpyFile.Write(path, tensor);
            files.Add(path);
        }

        return files;
    }
}
