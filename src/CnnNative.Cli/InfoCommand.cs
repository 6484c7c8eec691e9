// `cnn info --system`: what the library found on this machine; the first thing to ask for in a bug report.

using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Spectre.Console;

namespace CnnNative.Cli;

internal static class InfoCommand
{
    public static Command Create()
    {
        Option<bool> system = new("--system") { Description = "Version, instruction sets, threads and paths of this machine." };
        Command command = new("info", "Tell what is installed and what this machine offers.") { system };
        command.Validators.Add(result =>
        {
            if (!result.GetValue(system))
            {
                result.AddError("info needs to know about what: give --system.");
            }
        });
        command.SetAction(_ => ShowSystem());
        return command;
    }

    private static void ShowSystem()
    {
        NativeLibraryInfo native = NativeLibraryInfo.Query();
        Grid grid = new();
        grid.AddColumn(new GridColumn().NoWrap().PadRight(3));
        grid.AddColumn();
        Row(grid, "CnnNative", typeof(Cnn).Assembly.GetName().Version?.ToString(3) ?? "unknown");
        Row(grid, "native library", native.Path ?? $"not loaded: {native.Problem}");
        if (native.Path is not null)
        {
            using ComputeContext context = new();
            Row(grid, "native version", $"{native.Version}, ABI {native.AbiVersion} ({native.AbiHash:x16})");
            Row(grid, "instruction set", $"{context.InstructionSetName} (available: {string.Join(", ", native.InstructionSets)})");
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
