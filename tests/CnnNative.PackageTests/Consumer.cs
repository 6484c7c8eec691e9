// A folder of somebody who uses CnnNative: empty, outside of the repository, with a package cache that has never seen CnnNative. Only
// packages of others are taken from the cache of this machine, because to download them again would test nothing of ours.

using System.Diagnostics;
using System.Text.RegularExpressions;

namespace CnnNative.PackageTests;

internal sealed partial class Consumer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    public Consumer(string name)
    {
        string version = Feed.Version; // skips the test where nothing is packed
        Root = Directory.CreateTempSubdirectory($"cnn-{name}-").FullName;
        WorkingFolder = Root;
        string shared = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        Assert.False(
            Directory.Exists(Path.Combine(shared, "cnnnative", version)), $"{shared} has CnnNative {version} already; remove it, and try again");
        Write("nuget.config", $"""
            <configuration>
              <packageSources><add key="packed" value="{Feed.Folder}" /></packageSources>
              <fallbackPackageFolders><add key="others" value="{shared}" /></fallbackPackageFolders>
            </configuration>
            """);
    }

    public string Root { get; }

    /// <summary>Where programs are run, as by cd: the folder itself at first.</summary>
    public string WorkingFolder { get; set; }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    public void Write(string name, string text)
    {
        string path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>Copies one of the programs of this test project, and gives its project the version of the packages.</summary>
    public void CopyProgram(string name)
    {
        string source = Path.Combine(AppContext.BaseDirectory, "Programs", name);
        foreach (string path in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string text = File.ReadAllText(path).Replace("$CnnNativeVersion$", Feed.Version, StringComparison.Ordinal);
            Write(Path.GetRelativePath(source, path), text);
        }
    }

    /// <summary>Runs dotnet with these words, and returns what it printed; fails the test when it fails.</summary>
    public string Dotnet(string arguments) => Run("dotnet", arguments);

    /// <summary>Publishes with the .NET runtime of another platform; skips the test where the packages' source has none.</summary>
    public void PublishSelfContained(string rid, string arguments)
    {
        string words = $"publish -c Release -r {rid} --self-contained {arguments}";
        (int code, string output) = TryRun("dotnet", words);
        Assert.SkipWhen(
            code != 0 && MissingRuntime().IsMatch(output), $"the .NET runtime for {rid} cannot be had from the sources of packages here");
        Assert.True(code == 0, $"dotnet {words} ended with {code}:\n{output}");
    }

    /// <summary>Runs a program in this folder, and returns what it printed; fails the test when it fails.</summary>
    public string Run(string program, string arguments, params (string Name, string Value)[] environment)
    {
        (int code, string output) = TryRun(program, arguments, environment);
        Assert.True(code == 0, $"{program} {arguments} ended with {code}:\n{output}");
        return output;
    }

    /// <summary>Runs a program in this folder to its end.</summary>
    public (int ExitCode, string Output) TryRun(string program, string arguments, params (string Name, string Value)[] environment)
    {
        using Process process = Start(program, arguments, environment);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        return (process.ExitCode, output.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult());
    }

    public Process Start(string program, string arguments, params (string Name, string Value)[] environment)
    {
        string path = File.Exists(Path.Combine(Root, program)) ? Path.Combine(Root, program) : program;
        ProcessStartInfo start = new(path, arguments)
        {
            WorkingDirectory = WorkingFolder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NUGET_PACKAGES"] = Path.Combine(Root, ".packages");
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false"; // no compiler of this folder outlives it
        foreach (string name in (string[])["CNN_NATIVE_PATH", "CNN_MAX_ISA", "MSBuildSDKsPath", "MSBuildExtensionsPath", "MSBUILD_EXE_PATH"])
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    // NuGet's words for a package, or a version of it, that no source has, and for sources that do not answer.
    [GeneratedRegex(@"NU110[12]: Unable to find package Microsoft\.NETCore\.App|NU1301")]
    private static partial Regex MissingRuntime();
}
