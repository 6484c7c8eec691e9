// A native library that is missing, broken, foreign or of another version is refused with a sentence that says which and where.

using CnnNative.Interop;

namespace CnnNative.Tests.Interop;

public sealed class NativeLibraryLoaderTests
{
    [Fact]
    public void A_missing_library_is_refused_with_every_place_that_was_searched()
    {
        NativeLibraryLoad load = NativeLibraryLoader.Load(["/nowhere/first.so", "/nowhere/second.so"]);

        Assert.Equal(0, load.Handle);
        Assert.Contains("/nowhere/first.so and /nowhere/second.so", load.Problem, StringComparison.Ordinal);
        Assert.Contains("./build.sh build", load.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_of_another_version_is_refused_with_both_versions()
    {
        string path = Repository.NativeTestFile(OperatingSystem.IsWindows() ? "cnn_wrong_abi.dll" : "libcnn_wrong_abi.so");

        NativeLibraryLoad load = NativeLibraryLoader.Load([path]);

        Assert.Equal(0, load.Handle);
        Assert.Contains("ABI version 999 (header 0123456789abcdef), expected 1", load.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_library_is_refused_by_name()
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, "not a library");

        NativeLibraryLoad load = NativeLibraryLoader.Load([path]);

        File.Delete(path);
        Assert.Equal(0, load.Handle);
        Assert.Contains($"'{path}' cannot be loaded", load.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_of_somebody_else_is_refused_for_what_it_lacks()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the C library is found by this name on Linux only");
        string path = Directory.EnumerateFiles("/usr/lib", "libm.so.6", SearchOption.AllDirectories).First();

        NativeLibraryLoad load = NativeLibraryLoader.Load([path]);

        Assert.Contains("no function cnn_abi_version", load.Problem, StringComparison.Ordinal);
    }
}
