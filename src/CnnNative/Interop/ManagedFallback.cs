// Whether the managed kernels may take the place of a native library that is not there. Silence would be a trap: a program that is
// thirty times slower for a file that was not copied. So somebody has to ask for it, and is told when it happens.

namespace CnnNative.Interop;

internal static class ManagedFallback
{
    private const string Variable = "CNN_MANAGED_FALLBACK";

    /// <summary>Who is told; null when nobody has asked for the fallback in code.</summary>
    public static Action<string>? Announce { get; set; }

    /// <summary>The kernels of the default context. Without the native library and without leave to do without it, they are the
    /// native ones, which throw the reason.</summary>
    public static Backend Choose(NativeLibraryLoad native) =>
        Choose(native, Announce, Environment.GetEnvironmentVariable(Variable));

    /// <summary>The same for a given wish.</summary>
    public static Backend Choose(NativeLibraryLoad native, Action<string>? announce, string? variable)
    {
        if (native.Problem is null || (announce is null && variable is not "1"))
        {
            return Backend.Native;
        }

        (announce ?? (text => Console.Error.WriteLine(text)))(
            $"CnnNative computes with its managed kernels, which are many times slower than the native ones. {native.Problem}");
        return Backend.Managed;
    }
}
