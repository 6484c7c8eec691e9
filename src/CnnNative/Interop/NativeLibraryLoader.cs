// Finds the native library, loads it, and makes sure that it was built from the header that the bindings were made from: a
// library of another version would read descriptors wrongly, so it is refused before the first call.

using System.Runtime.InteropServices;

namespace CnnNative.Interop;

/// <summary>What came of loading: a handle and where it came from, or the sentence that says why there is none.</summary>
internal sealed record NativeLibraryLoad(nint Handle, string? Path, string? Problem);

internal static unsafe class NativeLibraryLoader
{
    /// <summary>Names a file to load instead of everything else.</summary>
    public const string PathVariable = "CNN_NATIVE_LIBRARY";

    private const string SystemSearch = "the system's search path";

    private static string FileName =>
        OperatingSystem.IsWindows() ? "cnnnative.dll" : OperatingSystem.IsMacOS() ? "libcnnnative.dylib" : "libcnnnative.so";

    /// <summary>Loads the library from where it belongs.</summary>
    public static NativeLibraryLoad Load() => Search(Environment.GetEnvironmentVariable(PathVariable), AppContext.BaseDirectory);

    /// <summary>Loads the file that the user named and nothing else; without one, the file beside the program, or in its
    /// runtimes folder, or wherever the runtime's own search finds it.</summary>
    public static NativeLibraryLoad Search(string? named, string folder)
    {
        if (!string.IsNullOrEmpty(named))
        {
            // A path without a folder would be looked for on the system's search path, not here.
            string path = Path.GetFullPath(named);
            return LoadExisting([path]) ?? Missing([$"{path}, which {PathVariable} names"]);
        }

        string[] candidates =
        [
            Path.Combine(folder, FileName),
            Path.Combine(folder, "runtimes", RuntimeInformation.RuntimeIdentifier, "native", FileName),
        ];
        if (LoadExisting(candidates) is { } loaded)
        {
            return loaded;
        }

        return NativeLibrary.TryLoad(NativeMethods.Library, typeof(NativeLibraryLoader).Assembly, null, out nint handle)
            ? Check(handle, SystemSearch)
            : Missing([.. candidates, SystemSearch]);
    }

    /// <summary>Loads the first of the files that exists; null when none does.</summary>
    public static NativeLibraryLoad? LoadExisting(IReadOnlyList<string> candidates)
    {
        if (candidates.FirstOrDefault(File.Exists) is not { } path)
        {
            return null;
        }

        try
        {
            return Check(NativeLibrary.Load(path), path);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            string reason = error.Message.ReplaceLineEndings(" ").Trim();
            return new NativeLibraryLoad(0, path, $"The native library '{path}' cannot be loaded: {reason}");
        }
    }

    /// <summary>Says where the library was looked for and how to get it.</summary>
    public static NativeLibraryLoad Missing(IReadOnlyList<string> places) => new(
        0,
        null,
        $"The native library {NativeMethods.Library} is missing. It was looked for at {string.Join(" and ", places)}. " +
        $"Build it with ./build.sh build, or install the package with the binaries for {RuntimeInformation.RuntimeIdentifier}; " +
        "the managed backend works without it.");

    private static NativeLibraryLoad Check(nint handle, string path)
    {
        string? problem = null;
        if (!NativeLibrary.TryGetExport(handle, "cnn_abi_version", out nint version)
            || !NativeLibrary.TryGetExport(handle, "cnn_abi_hash", out nint hash))
        {
            problem = $"The native library '{path}' has no function cnn_abi_version; it is not a library of CnnNative.";
        }
        else
        {
            uint foundVersion = ((delegate* unmanaged[Cdecl]<uint>)version)();
            ulong foundHash = ((delegate* unmanaged[Cdecl]<ulong>)hash)();
            if (foundVersion != NativeMethods.ExpectedAbiVersion || foundHash != NativeMethods.ExpectedAbiHash)
            {
                problem = $"The native library '{path}' has ABI version {foundVersion} (header {foundHash:x16}), expected " +
                    $"{NativeMethods.ExpectedAbiVersion} (header {NativeMethods.ExpectedAbiHash:x16}): it belongs to another version of CnnNative.";
            }
        }

        if (problem is null)
        {
            return new NativeLibraryLoad(handle, path, null);
        }

        NativeLibrary.Free(handle);
        return new NativeLibraryLoad(0, path, problem);
    }
}
