// A native library that is missing, broken, foreign or of another version is refused with a sentence that says which and where.

using System.Runtime.InteropServices;
using CnnNative.Interop;

namespace CnnNative.Tests.Interop;

public sealed class NativeLibraryLoaderTests
{
    private static string WrongAbi => OperatingSystem.IsWindows() ? "cnn_wrong_abi.dll" : "libcnn_wrong_abi.so";

    [Fact]
    public void A_missing_library_is_refused_with_the_system_every_place_and_the_fix()
    {
        NativeLibraryLoad load = NativeLibraryLoader.Search("/nowhere", []);
        NativeLibraryAttempt[] attempts = [new("/nowhere/first.so", "no such file"), new("/nowhere/second.so", "no such file")];

        string problem = NativeLibraryProblem.Describe(attempts, isNamed: false);

        Assert.Equal(0, load.Handle);
        Assert.Contains(NativePlatform.Identifiers[0], problem, StringComparison.Ordinal);
        Assert.Contains(NativePlatform.CLibrary ?? "", problem, StringComparison.Ordinal);
        Assert.Contains("/nowhere/first.so: no such file; /nowhere/second.so: no such file", problem, StringComparison.Ordinal);
        Assert.Contains($"Install the package CnnNative.Native of version {CnnRuntime.Version}", problem, StringComparison.Ordinal);
        Assert.Contains("Backend.Managed", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_that_the_user_named_is_never_replaced_by_another()
    {
        NativeLibraryLoad load = NativeLibraryLoader.Search("nowhere/mine.so", [AppContext.BaseDirectory]);

        Assert.Equal(0, load.Handle);
        Assert.Contains($"Tried: {Path.GetFullPath("nowhere/mine.so")}: no such file. ", load.Problem, StringComparison.Ordinal);
        Assert.Contains("CNN_NATIVE_PATH names this place", load.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_named_without_a_folder_is_looked_for_in_the_current_folder()
    {
        string path = Repository.NativeTestFile(WrongAbi);

        NativeLibraryLoad load = NativeLibraryLoader.Search(Path.GetRelativePath(Environment.CurrentDirectory, path), []);

        Assert.Contains($"{path}: it has ABI version 999", load.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_library_is_found_beside_the_program_in_its_runtimes_folder_and_in_a_folder_that_is_named()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        string name = NativeLibraryLoader.FileName;
        Assert.SkipUnless(File.Exists(NativeRuntime.State.Path), "the native library is not built; run: ./build.sh build");
        string deep = Path.Combine(folder, "runtimes", NativePlatform.Identifiers[0], "native");
        Directory.CreateDirectory(deep);
        File.Copy(NativeRuntime.State.Path, Path.Combine(deep, name));

        NativeLibraryLoad fromRuntimes = NativeLibraryLoader.Search(null, [folder]);
        NativeLibraryLoad fromNamed = NativeLibraryLoader.Search(deep, ["/nowhere"]);
        File.WriteAllText(Path.Combine(folder, name), "broken, so that the next place is tried");
        NativeLibraryLoad pastTheBroken = NativeLibraryLoader.Search(folder, []);
        File.Copy(NativeRuntime.State.Path, Path.Combine(folder, name), overwrite: true);
        NativeLibraryLoad beside = NativeLibraryLoader.Search(null, [folder]);

        NativeLibraryLoad[] loads = [fromRuntimes, fromNamed, pastTheBroken, beside];
        string[] expected = [Path.Combine(deep, name), Path.Combine(deep, name), Path.Combine(deep, name), Path.Combine(folder, name)];
        Assert.Equal(expected, loads.Select(load => load.Path));
        Assert.All(loads, load => Assert.Null(load.Problem));
        Assert.All(loads, load => NativeLibrary.Free(load.Handle));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void The_managed_kernels_take_over_only_where_somebody_asked_and_is_told()
    {
        NativeLibraryLoad missing = new(0, null, "The library is missing.");
        List<string> told = [];

        Assert.Equal(Backend.Native, ManagedFallback.Choose(missing, null, null));
        Assert.Equal(Backend.Native, ManagedFallback.Choose(missing, null, "0"));
        Assert.Equal(Backend.Native, ManagedFallback.Choose(new NativeLibraryLoad(1, "here", null), told.Add, "1"));
        Assert.Empty(told);
        Assert.Equal(Backend.Managed, ManagedFallback.Choose(missing, told.Add, null));
        Assert.Contains("many times slower than the native ones. The library is missing.", Assert.Single(told), StringComparison.Ordinal);
    }

    [Fact]
    public void Library_assembly_and_command_tell_the_same_version()
    {
        Assert.Equal(CnnRuntime.Version, NativeLibraryInfo.Query().Version);
        Assert.Equal(CnnRuntime.Version, Cli.CnnProcess.Run(["--version"]).Output.Trim());
    }

    [Fact]
    public void A_library_of_another_version_is_refused_with_both_versions()
    {
        string path = Repository.NativeTestFile(WrongAbi);

        NativeLibraryLoad load = NativeLibraryLoader.Search(path, []);

        Assert.Equal(0, load.Handle);
        Assert.Contains("ABI version 999 (header 0123456789abcdef), expected 1", load.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_library_is_refused_by_name()
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, "not a library");

        NativeLibraryLoad load = NativeLibraryLoader.Search(path, []);

        File.Delete(path);
        Assert.Equal(0, load.Handle);
        Assert.Contains($"{path}: ", load.Problem, StringComparison.Ordinal);
        if (OperatingSystem.IsLinux())
        {
            Assert.Contains("too short", load.Problem, StringComparison.Ordinal); // the system's own words
        }

        Assert.DoesNotContain('\n', load.Problem!);
    }

    [Fact]
    public void A_library_of_somebody_else_is_refused_for_what_it_lacks()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the C library is found by this name on Linux only");
        string path = Directory.EnumerateFiles("/usr/lib", "libm.so.6", SearchOption.AllDirectories).First();

        NativeLibraryLoad load = NativeLibraryLoader.Search(path, []);

        Assert.Contains("no function cnn_abi_version", load.Problem, StringComparison.Ordinal);
    }
}
