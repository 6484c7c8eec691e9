// Why the native library is not there, told so that somebody can mend it without asking: the system, every place that was tried
// with what the system said of it, and what to do.

namespace CnnNative.Interop;

internal static class NativeLibraryProblem
{
    /// <summary>The platforms that the package CnnNative.Native has a library for.</summary>
    public static readonly IReadOnlyList<string> PackagedIdentifiers =
    [
        "linux-arm64", "linux-musl-arm64", "linux-musl-x64", "linux-x64", "osx-arm64", "osx-x64", "win-arm64", "win-x64",
    ];

    /// <summary>One sentence for each fact; no line breaks, so that it fits a log line.</summary>
    public static string Describe(IReadOnlyList<NativeLibraryAttempt> attempts, bool isNamed)
    {
        string rid = NativePlatform.Identifiers[0];
        string system = NativePlatform.CLibrary is { } library ? $"{rid}, {library}" : rid;
        string tried = string.Join("; ", attempts.Select(attempt => $"{attempt.Path}: {attempt.Problem}"));
        return $"The native library {NativeMethods.Library} cannot be loaded ({system}). Tried: {tried}. {Remedy(attempts, isNamed, rid)}";
    }

    /// <summary>The system's own words, without those that .NET puts before them.</summary>
    public static string SystemReason(string message, string path)
    {
        // .NET lists what it tried, a line each; the line of the path itself says most.
        string[] lines = message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string[] reasons = [.. lines.Skip(1)];
        string reason = reasons.FirstOrDefault(line => line.StartsWith(path + ":", StringComparison.Ordinal)) is { } own
            ? own[(path.Length + 1)..]
            : string.Join(" | ", reasons.Length > 0 ? reasons : lines);
        return reason.Trim().TrimEnd('.');
    }

    private static string Remedy(IReadOnlyList<NativeLibraryAttempt> attempts, bool isNamed, string rid)
    {
        if (isNamed)
        {
            return $"The environment variable {NativeLibraryLoader.PathVariable} names this place, and no other is tried: correct it, "
                + "or unset it.";
        }

        const string managed = "The managed backend works without it: ComputeContext(Backend.Managed), "
            + "CnnRuntime.AllowManagedFallback, or the environment variable CNN_MANAGED_FALLBACK=1.";
        if (!PackagedIdentifiers.Contains(rid))
        {
            return $"There is no library for {rid} in the package CnnNative.Native: build one with CMake, and name its folder by "
                + $"{NativeLibraryLoader.PathVariable}. {managed}";
        }

        string remedy = attempts.Any(attempt => attempt.Exists)
            ? "A library is there and does not fit: publish for the system that the program runs on, or bring packages and library to "
                + "the same version."
            : $"Install the package CnnNative.Native of version {CnnRuntime.Version}, which has the file for {rid} and on which CnnNative depends, "
                + "and publish with it (a clone of the sources: ./build.sh build), or name the library's folder by "
                + $"{NativeLibraryLoader.PathVariable}.";
        return $"{remedy} {managed}";
    }
}
