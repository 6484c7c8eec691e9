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

    private static string FileName =>
        OperatingSystem.IsWindows() ? "cnnnative.dll" : OperatingSystem.IsMacOS() ? "libcnnnative.dylib" : "libcnnnative.so";

    /// <summary>Loads the library from where it belongs: the file of CNN_NATIVE_LIBRARY, or beside the program, or in its
    /// runtimes folder, or wherever the runtime's own search finds it.</summary>
    public static NativeLibraryLoad Load()
    {
        string? named = Environment.GetEnvironmentVariable(PathVariable);
        if (!string.IsNullOrEmpty(named))
        {
            return Load([named]);
        }

        string folder = AppContext.BaseDirectory;
        string[] candidates =
        [
            Path.Combine(folder, FileName),
            Path.Combine(folder, "runtimes", RuntimeInformation.RuntimeIdentifier, "native", FileName),
        ];
        NativeLibraryLoad found = Load(candidates);
        if (found.Handle == 0 && found.Path is null
            && NativeLibrary.TryLoad(NativeMethods.Library, typeof(NativeLibraryLoader).Assembly, null, out nint handle))
        {
            return Check(handle, "the system's search path");
        }

        return found;
    }

    /// <summary>Loads the first of the files that exists.</summary>
    public static NativeLibraryLoad Load(IReadOnlyList<string> candidates)
    {
        foreach (string path in candidates.Where(File.Exists))
        {
            try
            {
                return Check(NativeLibrary.Load(path), path);
            }
            catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
            {
                return new NativeLibraryLoad(0, path, $"The native library '{path}' cannot be loaded: {error.Message}");
            }
        }

        return new NativeLibraryLoad(
            0,
            null,
            $"The native library {NativeMethods.Library} is missing. It was looked for at {string.Join(" and ", candidates)}. " +
            $"Build it with ./build.sh build, or install the package with the binaries for {RuntimeInformation.RuntimeIdentifier}; " +
            "the managed backend works without it.");
    }

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
