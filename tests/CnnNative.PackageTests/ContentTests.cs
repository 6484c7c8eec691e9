// What is in the packages, looked at without installing them.

using System.IO.Compression;
using System.Xml.Linq;

namespace CnnNative.PackageTests;

public sealed class ContentTests
{
    private const long Megabyte = 1 << 20;
    private static readonly string[] _ids = ["CnnNative", "CnnNative.Native", "CnnNative.Onnx", "CnnNative.Imaging", "CnnNative.Cli"];

    public static TheoryData<string> Ids => [.. _ids];

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_package_has_icon_readme_licence_changes_and_notices(string id)
    {
        using ZipArchive package = Feed.Open(id);
        XElement metadata = Metadata(package, id);

        Assert.Equal("MIT", Value(metadata, "license"));
        Assert.Equal(Feed.Version, Value(metadata, "version"));
        Assert.True(Value(metadata, "description").Length > 40, "the description says too little");
        Assert.NotNull(package.GetEntry(Value(metadata, "icon")));
        Assert.NotNull(package.GetEntry("LICENSE"));
        Assert.NotNull(package.GetEntry("THIRD-PARTY-NOTICES.md"));
        Assert.NotNull(package.GetEntry("CHANGELOG.md"));
        Assert.StartsWith("# ", package.ReadText(Value(metadata, "readme")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CnnNative", "CnnNative.Native")]
    [InlineData("CnnNative.Onnx", "CnnNative")]
    [InlineData("CnnNative.Imaging", "CnnNative")]
    public void A_package_takes_the_others_in_its_own_version_only(string id, string other)
    {
        using ZipArchive package = Feed.Open(id);

        XElement dependency = Metadata(package, id).Descendants().Single(e => e.Attribute("id")?.Value == other);

        Assert.Equal($"[{Feed.Version}]", dependency.Attribute("version")!.Value);
    }

    [Theory]
    [InlineData("CnnNative")]
    [InlineData("CnnNative.Onnx")]
    [InlineData("CnnNative.Imaging")]
    public void A_library_has_documentation_and_its_symbols_stand_beside_it(string id)
    {
        using ZipArchive package = Feed.Open(id);
        using ZipArchive symbols = ZipFile.OpenRead(Path.Combine(Feed.Folder, $"{id}.{Feed.Version}.snupkg"));

        Assert.NotNull(package.GetEntry($"lib/net10.0/{id}.xml"));
        Assert.NotNull(symbols.GetEntry($"lib/net10.0/{id}.pdb"));
    }

    [Fact]
    public void Native_libraries_are_below_1_MB_each_and_below_5_MB_together()
    {
        using ZipArchive package = Feed.Open("CnnNative.Native");
        ZipArchiveEntry[] libraries = [.. package.Entries.Where(entry => entry.FullName.StartsWith("runtimes/", StringComparison.Ordinal))];

        Assert.NotEmpty(libraries);
        Assert.All(libraries, library => Assert.InRange(library.Length, 100_000, Megabyte));
        Assert.InRange(new FileInfo(Path.Combine(Feed.Folder, $"CnnNative.Native.{Feed.Version}.nupkg")).Length, 1, 5 * Megabyte);
    }

    [Fact]
    public void No_native_library_has_the_name_of_an_assembly_where_names_have_no_case()
    {
        using ZipArchive package = Feed.Open("CnnNative.Native");

        Assert.DoesNotContain(package.Entries, entry => _ids.Contains(Path.GetFileNameWithoutExtension(entry.Name), StringComparer.OrdinalIgnoreCase)
            && entry.FullName.StartsWith("runtimes/", StringComparison.Ordinal));
    }

    [Fact]
    public void The_tool_has_the_same_native_libraries_as_the_package()
    {
        using ZipArchive package = Feed.Open("CnnNative.Native");
        using ZipArchive tool = Feed.Open("CnnNative.Cli");
        Dictionary<string, uint> expected = Libraries(package, "");

        Dictionary<string, uint> found = Libraries(tool, "tools/net10.0/any/");

        Assert.Equal(expected, found);
        Assert.Null(tool.GetEntry("tools/net10.0/any/libcnnnative.so"));
    }

    [Theory]
    [InlineData("osx-arm64", 0x0100000cu)]
    [InlineData("osx-x64", 0x01000007u)]
    public void A_library_for_macOS_is_for_its_processor_and_its_signature_fits(string rid, uint processor)
    {
        using ZipArchive package = Feed.Open("CnnNative.Native");
        ZipArchiveEntry? entry = package.GetEntry($"runtimes/{rid}/native/libcnnnative.dylib");
        Assert.SkipWhen(entry is null, $"the packages were made without {rid}; run: ./build.sh pack");

        MachOFile file = new(entry.ReadBytes());

        Assert.Equal(processor, file.Processor);
        Assert.Equal("@rpath/libcnnnative.dylib", file.InstallName);
        if (rid == "osx-arm64") // which runs nothing that is not signed
        {
            Assert.True(file.CountSignedPages() > 0, "there is no signature");
        }
    }

    private static Dictionary<string, uint> Libraries(ZipArchive package, string folder) => package.Entries
        .Where(entry => entry.FullName.StartsWith(folder + "runtimes/", StringComparison.Ordinal)
            && entry.Name.Contains("cnnnative", StringComparison.Ordinal))
        .ToDictionary(entry => entry.FullName[folder.Length..], entry => entry.Crc32);

    private static XElement Metadata(ZipArchive package, string id) =>
        XDocument.Parse(package.ReadText($"{id}.nuspec")).Root!.Elements().Single(e => e.Name.LocalName == "metadata");

    private static string Value(XElement metadata, string name) => metadata.Elements().Single(e => e.Name.LocalName == name).Value;
}
