// Finds the native library, loads it, and makes sure that it was built from the header that the bindings were made from: a
// library of another version would read descriptors wrongly, so it is refused before the first call.

using System.Runtime.InteropServices;

namespace CnnNative.Interop;

/// <summary>What came of loading: a handle and where it came from, or the sentence that says why there is none.</summary>
internal sealed record NativeLibraryLoad(nint Handle, string? Path, string? Problem);

/// <summary>A place where the library was looked for in vain, and what the system said.</summary>
internal sealed record NativeLibraryAttempt(string Path, string Problem, bool Exists = false);

internal static unsafe class NativeLibraryLoader
{
    /// <summary>Names the folder of the library, or its file, to load instead of everything else.</summary>
    public const string PathVariable = "CNN_NATIVE_PATH";

    private const string SystemSearch = "the runtime's own search";

    /// <summary>The library's file. On Windows, where names of files have no case, "cnnnative.dll" would be this assembly.</summary>
    public static string FileName =>
        OperatingSystem.IsWindows() ? "libcnnnative.dll" : OperatingSystem.IsMacOS() ? "libcnnnative.dylib" : "libcnnnative.so";

    // .NET puts "lib" before a name everywhere but on Windows.
    private static string SearchedName => OperatingSystem.IsWindows() ? FileName : NativeMethods.Library;

    /// <summary>Loads the library from where it belongs.</summary>
    public static NativeLibraryLoad Load() =>
        Search(Environment.GetEnvironmentVariable(PathVariable), [NativePlatform.AssemblyFolder, AppContext.BaseDirectory]);

    /// <summary>Loads what the user named and nothing else; without that, the file that the runtime's own search finds (a package's,
    /// or a plug-in's), or the one beside the assembly or the program, or in a runtimes folder there.</summary>
    /// <remarks>The folders come first: they are exact, while the runtime's search ends at whatever the system calls by this name.
    /// </remarks>
    public static NativeLibraryLoad Search(string? named, IEnumerable<string> folders)
    {
        bool isNamed = !string.IsNullOrEmpty(named);
        List<NativeLibraryAttempt> attempts = [];
        // A path without a folder would be looked for on the system's search path, not here.
        IEnumerable<string> candidates = isNamed ? NamedCandidates(Path.GetFullPath(named!)) : CandidatesIn(folders);
        if (TryEach(candidates, attempts) is { } loaded)
        {
            return loaded;
        }

        return (isNamed ? null : TrySystemSearch(attempts))
            ?? new NativeLibraryLoad(0, null, NativeLibraryProblem.Describe(attempts, isNamed));
    }

    /// <summary>The folder itself, and what a package or a publish without a runtime identifier lays into it.</summary>
    private static IEnumerable<string> CandidatesIn(IEnumerable<string> folders) =>
        from folder in folders.Where(folder => folder.Length > 0).Select(Path.TrimEndingDirectorySeparator).Distinct()
        from path in (IEnumerable<string>)
        [
            Path.Combine(folder, FileName),
            .. NativePlatform.Identifiers.Select(rid => Path.Combine(folder, "runtimes", rid, "native", FileName)),
        ]
        select path;

    private static IEnumerable<string> NamedCandidates(string path) => Directory.Exists(path) ? CandidatesIn([path]) : [path];

    /// <summary>Loads the first of the files that fits; null when none does.</summary>
    private static NativeLibraryLoad? TryEach(IEnumerable<string> candidates, List<NativeLibraryAttempt> attempts)
    {
        foreach (string path in candidates)
        {
            if (!File.Exists(path))
            {
                attempts.Add(new NativeLibraryAttempt(path, "no such file"));
                continue;
            }

            try
            {
                nint handle = NativeLibrary.Load(path);
                if (Refusal(handle) is not { } refusal)
                {
                    return new NativeLibraryLoad(handle, path, null);
                }

                NativeLibrary.Free(handle);
                attempts.Add(new NativeLibraryAttempt(path, refusal, Exists: true));
            }
            catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
            {
                attempts.Add(new NativeLibraryAttempt(path, NativeLibraryProblem.SystemReason(error.Message, path), Exists: true));
            }
        }

        return null;
    }

    // A plug-in's load context and the folders of packages are known to the runtime alone.
    private static NativeLibraryLoad? TrySystemSearch(List<NativeLibraryAttempt> attempts)
    {
        try
        {
            nint handle = NativeLibrary.Load(SearchedName, typeof(NativeLibraryLoader).Assembly, searchPath: null);
            if (Refusal(handle) is not { } refusal)
            {
                return new NativeLibraryLoad(handle, NativePlatform.FileOf(handle) ?? SystemSearch, null);
            }

            attempts.Add(new NativeLibraryAttempt(NativePlatform.FileOf(handle) ?? SystemSearch, refusal, Exists: true));
            NativeLibrary.Free(handle);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            attempts.Add(new NativeLibraryAttempt(
                SystemSearch, NativeLibraryProblem.SystemReason(error.Message, SearchedName), error is BadImageFormatException));
        }

        return null;
    }

    /// <summary>Why a library that is loaded must not be used; null when it may.</summary>
    private static string? Refusal(nint handle)
    {
        if (!NativeLibrary.TryGetExport(handle, "cnn_abi_version", out nint version)
            || !NativeLibrary.TryGetExport(handle, "cnn_abi_hash", out nint hash))
        {
            return "it has no function cnn_abi_version, so it is not a library of CnnNative";
        }

        return Refusal(((delegate* unmanaged[Cdecl]<uint>)version)(), ((delegate* unmanaged[Cdecl]<ulong>)hash)());
    }

    /// <summary>Why a library with this ABI must not be used; null when it may.</summary>
    public static string? Refusal(uint version, ulong hash) =>
        version == NativeMethods.ExpectedAbiVersion && hash == NativeMethods.ExpectedAbiHash
            ? null
            : $"it has ABI version {version} (header {hash:x16}), expected {NativeMethods.ExpectedAbiVersion} (header "
                + $"{NativeMethods.ExpectedAbiHash:x16}), so it belongs to another version of CnnNative";
}
