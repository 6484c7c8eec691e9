// compare FOLDER_OR_FILE... [--threads 1,2] [--json FILE] [--markdown FILE] [--chart FILE.png]: ONNX models here and in ONNX
// Runtime. What cannot be compared is named, and the others go on; the command then ends with 1.

using System.CommandLine;
using System.Globalization;
using System.Text;

namespace CnnNative.Benchmarks.Comparing;

internal static class CompareCommand
{
    /// <summary>Runs the command.</summary>
    /// <param name="arguments">What stands behind its name.</param>
    /// <returns>0; 1 where a model could not be compared or outputs differ; 2 where nothing could be measured.</returns>
    public static int Run(string[] arguments)
    {
        Argument<string[]> paths = new("paths")
        {
            Description = "ONNX models, or folders in which all files that end with .onnx are taken.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string> threads = new("--threads") { Description = "Numbers of threads.", DefaultValueFactory = _ => "1,2" };
        Option<string?> json = new("--json") { Description = "Write the figures to this file." };
        Option<string?> markdown = new("--markdown") { Description = "Write a table in Markdown to this file." };
        Option<string?> chart = new("--chart") { Description = "Draw the ratios into this PNG file." };
        Option<double> seconds = new("--seconds")
        {
            Description = "Seconds for the runs of each side with each model.",
            DefaultValueFactory = _ => 1.5,
        };
        Option<int> starts = new("--starts")
        {
            Description = "How many processes of each side are started for the time to the first result and the memory.",
            DefaultValueFactory = _ => 5,
        };
        Option<bool> jit = new("--jit")
        {
            Description = "Start these processes on the .NET runtime, instead of as a program that was compiled ahead of time.",
        };
        RootCommand root = new("Compares ONNX models in this library with ONNX Runtime.")
        {
            paths, threads, json, markdown, chart, seconds, starts, jit,
        };
        root.SetAction(parsed =>
        {
            try
            {
                if (parsed.GetValue(starts) < 1 || !(parsed.GetValue(seconds) is >= 0 and <= 3600))
                {
                    throw new CompareException("expected --starts of at least 1, and --seconds of 0 to 3600.");
                }

                CompareOutputs outputs = new(parsed.GetValue(json), parsed.GetValue(markdown), parsed.GetValue(chart));
                outputs.RequireFolders();
                IReadOnlyList<ModelFile> models = ModelFile.Find(parsed.GetValue(paths)!);
                int[] counts = ParseThreads(parsed.GetValue(threads)!);
                StartProgram program = ChooseProgram(parsed.GetValue(jit));
                return Compare(
                    models, counts, new CompareEffort(parsed.GetValue(seconds), parsed.GetValue(starts), program), outputs);
            }
            catch (Exception error) when (error is CompareException or IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"compare: {error.Message}");
                return 2;
            }
        });
        return root.Parse(arguments).Invoke();
    }

    private static StartProgram ChooseProgram(bool onRuntime)
    {
        string? problem = null;
        StartProgram program = onRuntime ? StartProgram.OnRuntime : StartProgram.Compile(out problem);
        if (problem is not null)
        {
            Console.Error.WriteLine($"compare: the processes cannot be compiled ahead of time: {problem}");
        }

        Console.WriteLine($"first result and memory are those of processes {program.Description}");
        return program;
    }

    private static int[] ParseThreads(string text)
    {
        const int Most = 1024;
        return
        [
            .. text.Split(',').Select(word =>
                int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= Most
                    ? count
                    : throw new CompareException($"--threads is '{text}', expected numbers of 1 to {Most} with commas between them.")),
        ];
    }

    private static int Compare(IReadOnlyList<ModelFile> models, int[] threads, CompareEffort effort, CompareOutputs outputs)
    {
        int width = models.Max(model => model.Name.Length), failures = 0;
        Console.WriteLine(CompareTable.Header(width));
        List<CompareRow> rows = [];
        foreach (ModelFile model in models)
        {
            try
            {
                Comparison comparison = new(model.Path, model.Name, Inputs(model), effort);
                foreach (int count in threads)
                {
                    rows.Add(comparison.Measure(count));
                    Console.WriteLine(CompareTable.Line(rows[^1], width));
                }
            }
            catch (CompareException error)
            {
                failures++;
                Console.Error.WriteLine($"{model.Name}: {error.Message}");
            }
        }

        foreach (string mean in CompareTable.Means(rows))
        {
            Console.WriteLine(mean);
        }

        if (rows.Count == 0)
        {
            throw new CompareException("nothing could be compared.");
        }

        outputs.Write(rows);
        return failures == 0 && rows.TrueForAll(row => row.Agrees) ? 0 : 1;
    }

    private static ModelInput[] Inputs(ModelFile model)
    {
        try
        {
            return InputChooser.For(model.Path);
        }
        catch (Exception error) when (error is CnnFormatException or IOException or NotSupportedException)
        {
            throw new CompareException($"this library cannot load it: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }
}

/// <summary>The files that a comparison writes; null for one that is not wanted.</summary>
internal sealed record CompareOutputs(string? Json, string? Markdown, string? Chart)
{
    /// <summary>Finds out before anything is measured whether there is a place for them.</summary>
    public void RequireFolders()
    {
        foreach (string path in ((string?[])[Json, Markdown, Chart]).OfType<string>())
        {
            string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
            if (!Directory.Exists(folder))
            {
                throw new CompareException($"'{path}' cannot be written: there is no folder '{folder}'.");
            }
        }
    }

    /// <summary>Writes them.</summary>
    public void Write(IReadOnlyList<CompareRow> rows)
    {
        if (Json is not null)
        {
            CompareFile.Write(Json, rows);
        }

        if (Markdown is not null)
        {
            byte[] page = Encoding.UTF8.GetBytes(CompareTable.Markdown(rows));
            AtomicFile.Write(Markdown, stream => stream.Write(page));
        }

        if (Chart is not null)
        {
            byte[] picture = CompareChart.Draw(rows);
            AtomicFile.Write(Chart, stream => stream.Write(picture));
        }
    }
}
