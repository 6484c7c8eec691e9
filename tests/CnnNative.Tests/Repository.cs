// Where the tests find the repository and what was built in it. Tests that need something that is not there are skipped with
// the command that makes it.

namespace CnnNative.Tests;

internal static class Repository
{
    /// <summary>The folder of CnnNative.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A file that the native test build makes; skips the test when it was not built.</summary>
    public static string NativeTestFile(string name)
    {
        string path = Path.Combine(Root, "artifacts", "native", "tests", "tests", "native", name);
        Assert.SkipUnless(File.Exists(path), $"{path} is not built; run: cmake --preset tests && cmake --build --preset tests");
        return path;
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CnnNative.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} has CnnNative.sln.");
    }
}
