// Reads operators.json. A theory lists the names of the cases of a kind and looks the case up by its name, so that each case is
// a test of its own and any implementation, managed or native, can be run against the same file.

using System.Text.Json;
using System.Text.Json.Serialization;

namespace CnnNative.Tests.Golden;

public static class GoldenFile
{
    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private static readonly Lazy<Dictionary<string, GoldenCase>> ByName = new(
        () => Read<OperatorFile>("operators.json").Cases.ToDictionary(golden => golden.Name));

    /// <summary>The names of all cases of a kind, for [MemberData].</summary>
    public static TheoryData<string> Names(string kind)
    {
        var names = new TheoryData<string>();
        foreach (GoldenCase golden in Cases(kind))
            names.Add(golden.Name);
        return names;
    }

    /// <summary>All cases of a kind, in the order of the file.</summary>
    internal static GoldenCase[] Cases(string kind)
    {
        GoldenCase[] cases = [.. ByName.Value.Values.Where(golden => golden.Kind == kind)];
        return cases.Length > 0 ? cases : throw new InvalidDataException($"operators.json has no case of the kind '{kind}'.");
    }

    internal static GoldenCase Find(string name) => ByName.Value[name];

    /// <summary>The full path of a file in the folder of golden values.</summary>
    internal static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Golden", file);

    internal static T Read<T>(string file)
    {
        using FileStream stream = File.OpenRead(PathOf(file));
        return JsonSerializer.Deserialize<T>(stream, JsonOptions)
            ?? throw new InvalidDataException($"{file} holds null, expected an object.");
    }

    private sealed record OperatorFile(string Torch, GoldenCase[] Cases);
}
