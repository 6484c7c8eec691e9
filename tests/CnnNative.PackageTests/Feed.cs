// Where the packages are that ./build.sh pack has made, and which version they have. Tests are skipped where nothing is packed.

using System.IO.Compression;

namespace CnnNative.PackageTests;

internal static class Feed
{
    private const string Indent = "    ";
    private const string NativePackage = "CnnNative.Native.";

    /// <summary>The folder of CnnNative.sln.</summary>
    public static string Repository { get; } = FindRepository();

    public static string Folder { get; } = Path.Combine(Repository, "artifacts", "package", "release");

    /// <summary>The version of the packages; skips the test where there are none.</summary>
    public static string Version
    {
        get
        {
            string? path = Directory.Exists(Folder) ? Directory.EnumerateFiles(Folder, NativePackage + "*.nupkg").SingleOrDefault() : null;
            Assert.SkipWhen(path is null, $"{Folder} has no packages; run: ./build.sh pack");
            return Path.GetFileNameWithoutExtension(path)![NativePackage.Length..];
        }
    }

    /// <summary>Opens a package for reading.</summary>
    public static ZipArchive Open(string id) => ZipFile.OpenRead(Path.Combine(Folder, $"{id}.{Version}.nupkg"));

    /// <summary>Skips the test where the packages were made without this platform.</summary>
    public static void RequirePlatform(string rid)
    {
        using ZipArchive package = Open("CnnNative.Native");
        Assert.SkipUnless(
            package.Entries.Any(entry => entry.FullName.StartsWith($"runtimes/{rid}/", StringComparison.Ordinal)),
            $"the packages were made without {rid}; run: ./build.sh pack");
    }

    /// <summary>The text of a file in a package.</summary>
    public static string ReadText(this ZipArchive package, string name)
    {
        using StreamReader reader = new(package.GetEntry(name)?.Open() ?? throw new FileNotFoundException($"The package has no {name}."));
        return reader.ReadToEnd();
    }

    /// <summary>The bytes of a file in a package.</summary>
    public static byte[] ReadBytes(this ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>The C# in a README that stands behind a heading, as its readers copy it.</summary>
    public static string CodeIn(string readme, string heading = "")
    {
        string text = File.ReadAllText(Path.Combine(Repository, readme)).ReplaceLineEndings("\n");
        const string fence = "```csharp\n";
        int start = text.IndexOf(fence, text.IndexOf(heading, StringComparison.Ordinal), StringComparison.Ordinal) + fence.Length;
        return text[start..text.IndexOf("```", start, StringComparison.Ordinal)];
    }

    /// <summary>The commands in a README that stand behind a heading as an indented block, without their comments.</summary>
    public static string[] CommandsIn(string readme, string heading) =>
    [
        .. File.ReadLines(Path.Combine(Repository, readme)).SkipWhile(line => line != heading)
            .SkipWhile(line => !line.StartsWith(Indent, StringComparison.Ordinal))
            .TakeWhile(line => line.StartsWith(Indent, StringComparison.Ordinal))
            .Select(line => line.Split('#')[0].Trim()),
    ];

    private static string FindRepository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CnnNative.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} has CnnNative.sln.");
    }
}
