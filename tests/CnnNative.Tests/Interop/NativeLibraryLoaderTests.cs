// A native library that is missing, broken, foreign or of another version is refused with a sentence that says which and where.

using System.Runtime.InteropServices;
using CnnNative.Interop;

namespace CnnNative.Tests.Interop;

public sealed class NativeLibraryLoaderTests
{
    private static string WrongAbi => OperatingSystem.IsWindows() ? "cnn_wrong_abi.dll" : "libcnn_wrong_abi.so";

    [Fact]
    public void A_missing_library_is_refused_with_every_place_that_was_searched()
    {
        NativeLibraryLoad load = NativeLibraryLoader.Missing(["/nowhere/first.so", "/nowhere/second.so"]);

        Assert.Equal(0, load.Handle);
        Assert.Contains("/nowhere/first.so and /nowhere/second.so", load.Problem, StringComparison.Ordinal);
        Assert.Contains("./build.sh build", load.Problem, StringComparison.Ordinal);
        Assert.Null(NativeLibraryLoader.LoadExisting(["/nowhere/first.so", "/nowhere/second.so"]));
    }

    [Fact]
    public void A_file_that_the_user_named_is_never_replaced_by_another()
    {
        NativeLibraryLoad load = NativeLibraryLoader.Search("nowhere/mine.so", AppContext.BaseDirectory);

        Assert.Equal(0, load.Handle);
        Assert.Contains(
            $"{Path.GetFullPath("nowhere/mine.so")}, which CNN_NATIVE_LIBRARY names", load.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_named_without_a_folder_is_looked_for_in_the_current_folder()
    {
        string path = Repository.NativeTestFile(WrongAbi);

        NativeLibraryLoad load = NativeLibraryLoader.Search(Path.GetRelativePath(Environment.CurrentDirectory, path), "/nowhere");

        Assert.Equal(path, load.Path);
        Assert.Contains("ABI version 999", load.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_library_beside_the_program_is_loaded()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        string name = Path.GetFileName(NativeRuntime.State.Path ?? "");
        Assert.SkipUnless(File.Exists(NativeRuntime.State.Path), "the native library is not built; run: ./build.sh build");
        string deep = Path.Combine(folder, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");
        Directory.CreateDirectory(deep);
        File.Copy(NativeRuntime.State.Path, Path.Combine(deep, name));

        NativeLibraryLoad fromRuntimes = NativeLibraryLoader.Search(null, folder);
        File.Copy(NativeRuntime.State.Path, Path.Combine(folder, name));
        NativeLibraryLoad beside = NativeLibraryLoader.Search(null, folder);

        Assert.Equal(Path.Combine(deep, name), fromRuntimes.Path);
        Assert.Equal(Path.Combine(folder, name), beside.Path);
        Assert.Null(beside.Problem);
        NativeLibrary.Free(fromRuntimes.Handle);
        NativeLibrary.Free(beside.Handle);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_library_of_another_version_is_refused_with_both_versions()
    {
        string path = Repository.NativeTestFile(WrongAbi);

        NativeLibraryLoad load = NativeLibraryLoader.Search(path, "/nowhere");

        Assert.Equal(0, load.Handle);
        Assert.Contains("ABI version 999 (header 0123456789abcdef), expected 1", load.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_library_is_refused_by_name()
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, "not a library");

        NativeLibraryLoad load = NativeLibraryLoader.Search(path, "/nowhere");

        File.Delete(path);
        Assert.Equal(0, load.Handle);
        Assert.Contains($"'{path}' cannot be loaded", load.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', load.Problem!);
    }

    [Fact]
    public void A_library_of_somebody_else_is_refused_for_what_it_lacks()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the C library is found by this name on Linux only");
        string path = Directory.EnumerateFiles("/usr/lib", "libm.so.6", SearchOption.AllDirectories).First();

        NativeLibraryLoad load = NativeLibraryLoader.Search(path, "/nowhere");

        Assert.Contains("no function cnn_abi_version", load.Problem, StringComparison.Ordinal);
    }
}
