// The program whose start is measured: compiled ahead of time, as one is whose start matters, so that the figures tell of the
// libraries and not of the runtime's own start and its compiler. Where it cannot be made, this program itself is started.

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CnnNative.Benchmarks.Comparing;

/// <summary>How the processes are started; the same way for both sides.</summary>
/// <param name="File">The program.</param>
/// <param name="Arguments">What stands before the arguments of a process.</param>
/// <param name="Description">What it is, for people.</param>
internal sealed record StartProgram(string File, IReadOnlyList<string> Arguments, string Description)
{
    private const string Project = "CnnNative.FirstResult";

    /// <summary>This program, on the .NET runtime.</summary>
    public static StartProgram OnRuntime
    {
        get
        {
            string self = Environment.ProcessPath!;
            bool isHost = Path.GetFileNameWithoutExtension(self) == "dotnet";
            string[] first = isHost ? [Environment.GetCommandLineArgs()[0]] : [];
            return new StartProgram(self, [.. first, ChildProcess.Verb], "on the .NET runtime, compiled while they run");
        }
    }

    /// <summary>Compiles the program ahead of time, which takes a minute where it was not done yet.</summary>
    /// <param name="problem">Why that was not possible, in which case the program runs on the runtime; else null.</param>
    public static StartProgram Compile(out string? problem)
    {
        if (RepositoryRoot() is not { } root)
        {
            problem = "the sources are not there";
            return OnRuntime;
        }

        string rid = RuntimeInformation.RuntimeIdentifier;
        problem = Publish(root, rid);
        string name = OperatingSystem.IsWindows() ? $"{Project}.exe" : Project;
        string file = Path.Combine(root, "artifacts", "aot", "publish", Project, $"release_{rid}", name);
        problem ??= System.IO.File.Exists(file) ? null : $"'{file}' was not made";
        return problem is null ? new StartProgram(file, [], "compiled ahead of time") : OnRuntime;
    }

    private static string? RepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder.FullName, "CnnNative.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName;
    }

    private static string? Publish(string root, string rid)
    {
        ProcessStartInfo start = new("dotnet")
        {
            WorkingDirectory = root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
        [
            "publish", Path.Combine("bench", Project), "-c", "Release", "-r", rid, "-p:PublishAot=true", "-p:RunAnalyzers=false",
            "-v", "quiet", "--nologo",
        ];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            using Process publish = Process.Start(start) ?? throw new CompareException("dotnet cannot be started");
            Task<string> errors = publish.StandardError.ReadToEndAsync();
            string output = publish.StandardOutput.ReadToEnd() + errors.Result;
            publish.WaitForExit();
            return publish.ExitCode == 0 ? null
                : output.Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal))?.Trim()
                ?? $"dotnet publish ended with {publish.ExitCode}";
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            return $"dotnet cannot be started: {error.Message}";
        }
    }
}
