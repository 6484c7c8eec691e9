// Data sets that are too large, or not ours, to stand in the repository. Most people do not have them, so a test that needs them
// asks here and is skipped with a message that says what is missing and where it was looked for.

namespace CnnNative.Tests;

internal static class SharedData
{
    private const string Variable = "CNN_SHARED_DATA";

    // A worktree may stand a few folders deeper than the main one, beside which the data is.
    private const int ParentsToSearch = 4;

    private static readonly string? _root = FindRoot();

    /// <summary>A folder of the shared data, such as "images", "photos"; skips the test where it is absent.</summary>
    public static string Folder(params ReadOnlySpan<string> parts)
    {
        string path = Find(parts);
        Assert.SkipUnless(Directory.Exists(path), $"The shared data lacks the folder {path}.");
        return path;
    }

    /// <summary>A file of the shared data; skips the test where it is absent.</summary>
    public static string File(params ReadOnlySpan<string> parts)
    {
        string path = Find(parts);
        Assert.SkipUnless(System.IO.File.Exists(path), $"The shared data lacks the file {path}.");
        return path;
    }

    private static string Find(ReadOnlySpan<string> parts)
    {
        string asked = Path.Combine(parts);
        Assert.SkipWhen(_root is null,
            $"'{asked}' is shared data, which is not here: set {Variable} to its folder, or place it in shared/data beside"
            + $" {Repository.Root} or one of its parents.");
        return Path.Combine(_root!, asked);
    }

    private static string? FindRoot()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
            return given;

        DirectoryInfo? folder = new DirectoryInfo(Repository.Root).Parent;
        for (int i = 0; i < ParentsToSearch && folder is not null; i++, folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(path))
                return path;
        }

        return null;
    }
}
