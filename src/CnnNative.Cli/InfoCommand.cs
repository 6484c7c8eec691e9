// `cnn info MODEL`: what a network consists of and what it takes. `cnn info --system`: what the library found on this machine,
// the first thing to ask for in a bug report.

using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Spectre.Console;

namespace CnnNative.Cli;

internal static class InfoCommand
{
    public static Command Create()
    {
        Argument<string?> model = new("MODEL")
        {
            Description = $"A {ModelSource.Endings} file, or a network's name: {string.Join(", ", ModelSource.Names)}.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<bool> system = new("--system") { Description = "Version, instruction sets, threads and paths of this machine." };
        Option<int> batch = new("--batch")
        {
            Description = "Samples at once, for the memory.",
            DefaultValueFactory = _ => 1,
            HelpName = "N",
        };
        Option<bool> markdown = new("--markdown") { Description = "Print the layers as a Markdown table." };
        Option<bool> json = new("--json") { Description = "Print the layers as JSON." };
        Option<bool> passes = new("--passes") { Description = "What each pass does to the network before it runs." };
        Command command = new("info", "Tell what a network consists of, or what this machine offers.")
        {
            model, system, batch, passes, markdown, json,
        };
        ShapeOption shapes = new();
        shapes.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(system) == result.GetValue(model) is not null)
            {
                result.AddError("info needs to know about what: give MODEL or --system.");
            }
        });
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(model) is { } name)
            {
                int samples = FilterOptions.ParsePositive("--batch", parsed.GetValue(batch));
                if (parsed.GetValue(passes))
                {
                    ShowPasses(name, shapes.Read(parsed), samples, parsed.GetValue(json));
                    return;
                }

                ShowModel(name, shapes.Read(parsed), samples, parsed.GetValue(markdown), parsed.GetValue(json));
            }
            else
            {
                ShowSystem();
            }
        });
        return command;
    }

    private static void ShowModel(
        string name, IReadOnlyDictionary<string, Shape> shapes, int batch, bool markdown, bool json)
    {
        if (markdown && json)
        {
            throw new UserException("--markdown and --json were both given, expected at most one of them.");
        }

        using Model model = ModelSource.ForReading(name, shapes);
        ModelSummary summary = model.Summarize(batch);
        string text = json ? summary.ToJson() : markdown ? summary.ToMarkdown() : summary.ToString();
        Console.WriteLine(text.TrimEnd());
        if (!json && !markdown && model.ClassNames is { } classes)
        {
            const int most = 20;
            string rest = classes.Count > most ? $" and {classes.Count - most} more" : "";
            Console.WriteLine($"classes: {string.Join(", ", classes.Take(most))}{rest}");
        }
    }

    private static void ShowPasses(string name, IReadOnlyDictionary<string, Shape> shapes, int batch, bool json)
    {
        using Model model = ModelSource.ForReading(name, shapes);
        using CompiledModel compiled = model.Compile();
        using Session session = compiled.CreateSession(batch);
        Console.WriteLine((json ? PassesText.ToJson(session.Passes) : PassesText.ToTable(session.Passes)).TrimEnd());
    }

    private static void ShowSystem()
    {
        NativeLibraryInfo native = NativeLibraryInfo.Query();
        Grid grid = new();
        grid.AddColumn(new GridColumn().NoWrap().PadRight(3));
        grid.AddColumn();
        Row(grid, "CnnNative", CnnRuntime.Version);
        Row(grid, "native library", native.Path ?? $"not loaded: {native.Problem}");
        if (native.Path is not null)
        {
            using ComputeContext context = new();
            Row(grid, "native version", $"{native.Version}, ABI {native.AbiVersion} ({native.AbiHash:x16})");
            string available = string.Join(", ", native.InstructionSets);
            Row(grid, "instruction set", $"{context.InstructionSetName} (available: {available})");
            Row(grid, "threads", context.Threads.ToString(CultureInfo.InvariantCulture));
        }

        Row(grid, "backends", native.Path is null ? "managed" : "native (default), managed");
        Row(grid, "system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}");
        Row(grid, "runtime", RuntimeInformation.FrameworkDescription);
        Row(grid, "program", AppContext.BaseDirectory);
        AnsiConsole.Write(grid);
    }

    private static void Row(Grid grid, string name, string value) => grid.AddRow(new Text(name), new Text(value));
}
