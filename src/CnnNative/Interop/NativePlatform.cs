// What kind of system this process runs on, in the words of .NET's packages: it decides which native library fits, and a message
// about a library that does not load has to say it.

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace CnnNative.Interop;

internal static unsafe class NativePlatform
{
    /// <summary>The folders of a runtimes folder that fit this process, best first. A .NET built by a distribution calls its system
    /// by another name (debian.13-x64) than the packages do.</summary>
    public static IReadOnlyList<string> Identifiers { get; } =
        [.. ((IEnumerable<string>)[PortableIdentifier(), RuntimeInformation.RuntimeIdentifier]).Distinct()];

    /// <summary>The folder of this assembly, which for a plug-in is not the program's; empty in a single file.</summary>
    public static string AssemblyFolder
    {
        [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "An empty location is what the caller expects then.")]
        get => Path.GetDirectoryName(typeof(NativePlatform).Assembly.Location) ?? "";
    }

    /// <summary>The C library, such as "glibc 2.36", "musl"; null where there is only one.</summary>
    public static string? CLibrary
    {
        get
        {
            if (!OperatingSystem.IsLinux())
            {
                return null;
            }

            return GlibcVersion is { } version ? $"glibc {version}" : IsMusl ? "musl" : "a C library that is neither glibc nor musl";
        }
    }

    private static string? GlibcVersion =>
        NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "gnu_get_libc_version", out nint version)
            ? Marshal.PtrToStringUTF8(((delegate* unmanaged[Cdecl]<nint>)version)())
            : null;

    private static bool IsMusl =>
        OperatingSystem.IsLinux() && GlibcVersion is null
        && (RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal)
            || (Directory.Exists("/lib") && Directory.EnumerateFiles("/lib", "ld-musl-*").Any()));

    /// <summary>The file that a library was loaded from, where the system tells.</summary>
    public static string? FileOf(nint handle)
    {
        if (!NativeLibrary.TryGetExport(handle, "cnn_abi_version", out nint address))
        {
            return null;
        }

        using var process = Process.GetCurrentProcess();
        foreach (ProcessModule module in process.Modules)
        {
            if (address >= module.BaseAddress && address - module.BaseAddress < module.ModuleMemorySize)
            {
                return module.FileName;
            }
        }

        return null;
    }

    private static string PortableIdentifier()
    {
        string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : IsMusl ? "linux-musl" : "linux";
        return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }
}
