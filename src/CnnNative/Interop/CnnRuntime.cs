// What this build of CnnNative is called, and what becomes of a program whose native library is missing. One version serves
// assemblies, packages and the native library: it comes from a tag of git when they are built.

using System.Reflection;
using CnnNative.Interop;

namespace CnnNative;

/// <summary>CnnNative itself, as it runs in this process.</summary>
public static class CnnRuntime
{
    /// <summary>The version of CnnNative, such as "0.1.0" or, between two releases, "0.2.0-preview.0.17". The packages, the
    /// command cnn and the native library (<see cref="NativeLibraryInfo.Version"/>) have the same.</summary>
    public static string Version { get; } = ReadVersion();

    /// <summary>Allows <see cref="ComputeContext.Default"/> to take the managed kernels where the native library cannot be loaded,
    /// instead of throwing. They give the same numbers within rounding and are many times slower, so nobody gets them unasked, and
    /// whoever asks is told.</summary>
    /// <remarks>Call it before the first operator runs. A context that is made with <see cref="Backend.Native"/> still throws. The
    /// environment variable CNN_MANAGED_FALLBACK=1 allows it as well, and announces it on standard error.</remarks>
    /// <param name="announce">Called once, when the fallback is taken, with the reason; hand it to a log.</param>
    public static void AllowManagedFallback(Action<string> announce)
    {
        ArgumentNullException.ThrowIfNull(announce);
        ManagedFallback.Announce = announce;
    }

    // Behind a plus sign stands the commit.
    private static string ReadVersion()
    {
        string text = typeof(CnnRuntime).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        int end = text.IndexOf('+', StringComparison.Ordinal);
        return end < 0 ? text : text[..end];
    }
}
