// Packing twice, from nothing and in other folders, makes the same packages: whoever has the sources can tell what is in them.

using System.IO.Compression;

namespace CnnNative.PackageTests;

public sealed class RepeatedPackingTests
{
    private static readonly string _again = Path.Combine(Path.GetDirectoryName(Feed.Folder)!, "again");

    [Fact]
    public void Packing_again_gives_the_same_bytes()
    {
        string version = Feed.Version;
        Assert.SkipUnless(Directory.Exists(_again), $"{_again} has no packages; ./build.sh test --packages makes them");
        string[] names = NamesIn(Feed.Folder);
        Assert.True(names.SequenceEqual(NamesIn(_again)), $"{_again} does not have the packages of {version}; run: ./build.sh pack");

        string[] different = [.. names.SelectMany(DifferencesOf)];

        Assert.True(different.Length == 0, string.Join('\n', different));
    }

    private static IEnumerable<string> DifferencesOf(string name)
    {
        Dictionary<string, byte[]> first = Read(Path.Combine(Feed.Folder, name)), second = Read(Path.Combine(_again, name));
        return first.Keys.Union(second.Keys).Where(entry => !first.TryGetValue(entry, out byte[]? a)
            || !second.TryGetValue(entry, out byte[]? b) || !a.AsSpan().SequenceEqual(b)).Select(entry => $"{name}: {entry}");
    }

    // The archive itself has the times at which NuGet wrote its entries; what is in them has none.
    private static Dictionary<string, byte[]> Read(string path)
    {
        using ZipArchive package = ZipFile.OpenRead(path);
        return package.Entries.ToDictionary(entry => entry.FullName, Feed.ReadBytes);
    }

    private static string[] NamesIn(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.*nupkg").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
}
