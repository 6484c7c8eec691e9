// Runs the command as its users do: a process of its own, with its output, its errors and its exit code.

using System.Diagnostics;

namespace CnnNative.Tests.Cli;

/// <summary>What came of a run.</summary>
internal sealed record CnnResult(int ExitCode, string Output, string Errors);

internal static class CnnProcess
{
    /// <summary>Runs the command to its end.</summary>
    public static CnnResult Run(IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        using Process process = Start(arguments, environment);
        return Finish(process);
    }

    /// <summary>Runs another program of the repository to its end.</summary>
    public static CnnResult RunProgram(string assembly, IEnumerable<string> arguments)
    {
        (string program, string[] first) = ProgramOf(assembly);
        using Process process = Start(program, [.. first, .. arguments], []);
        return Finish(process);
    }

    public static Process Start(IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        (string program, string[] first) = ProgramOf("cnn.dll");
        return Start(program, [.. first, .. arguments], environment);
    }

    /// <summary>
    /// Starts the command as a terminal does, with an interrupt that reaches it. A shell without a terminal ignores interrupts on
    /// behalf of what it starts in the background, and so does all that is started from there, were they not put back.
    /// </summary>
    public static Process StartInterruptible(IEnumerable<string> arguments)
    {
        (string program, string[] first) = ProgramOf("cnn.dll");
        return OperatingSystem.IsLinux()
            ? Start("env", ["--default-signal=INT", program, .. first, .. arguments], [])
            : Start(arguments);
    }

    // Tests that were published with the runtime may run where no .NET is installed; the programs beside them have it too.
    private static (string Program, string[] First) ProgramOf(string assembly)
    {
        string path = Path.Combine(AppContext.BaseDirectory, assembly);
        bool hasRuntime = Directory.EnumerateFiles(AppContext.BaseDirectory, "*hostpolicy.*").Any();
        return hasRuntime ? (Path.ChangeExtension(path, OperatingSystem.IsWindows() ? ".exe" : null), []) : ("dotnet", [path]);
    }

    private static Process Start(string program, IEnumerable<string> arguments, (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // No test reaches for the web; one that has a server of its own says so.
        start.Environment["CNN_OFFLINE"] = "1";
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    public static CnnResult Finish(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        return new CnnResult(process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
    }
}
