// The state of the native library in this process: loaded once, on first use, or missing with a reason. Everything that calls
// NativeMethods comes through here first, so the resolver is in place before the runtime looks for the library itself.

using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CnnNative.Interop;

internal static unsafe class NativeRuntime
{
    private static readonly Lazy<NativeLibraryLoad> Library = new(LoadAndRegister);

    /// <summary>Where the library was loaded from, or why it was not.</summary>
    public static NativeLibraryLoad State => Library.Value;

    /// <summary>Whether the native library can be used.</summary>
    public static bool IsAvailable => Library.Value.Handle != 0;

    /// <summary>The same, without loading it for the question.</summary>
    public static bool IsLoaded => Library.IsValueCreated && IsAvailable;

    // Set by the package's build files where Native AOT links the library into the program itself.
    private static bool IsLinked => AppContext.TryGetSwitch("CnnNative.IsLinkedStatically", out bool linked) && linked;

    /// <exception cref="NativeLibraryException">The library is missing or of another version.</exception>
    public static void EnsureLoaded()
    {
        if (Library.Value.Problem is { } problem)
        {
            throw new NativeLibraryException(problem);
        }
    }

    /// <summary>The name of an instruction set as CNN_MAX_ISA spells it.</summary>
    public static string NameOf(CnnIsa isa) => Text(NativeMethods.IsaName(isa));

    /// <summary>A string in the library's static memory.</summary>
    public static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    private static NativeLibraryLoad LoadAndRegister()
    {
        if (IsLinked)
        {
            return AskLinked();
        }

        NativeLibraryLoad loaded = NativeLibraryLoader.Load();
        if (loaded.Handle != 0)
        {
            Assembly assembly = typeof(NativeMethods).Assembly;
            NativeLibrary.SetDllImportResolver(assembly, (name, _, _) => name == NativeMethods.Library ? loaded.Handle : 0);
        }

        return loaded;
    }

    // A function of its own: the just-in-time compiler resolves these calls when it compiles them, before any resolver is there.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static NativeLibraryLoad AskLinked()
    {
        const string place = "the program itself, into which it is linked";
        return NativeLibraryLoader.Refusal(NativeMethods.AbiVersion(), NativeMethods.AbiHash()) is { } refusal
            ? new NativeLibraryLoad(0, null, $"The native library in {place} cannot be used: {refusal}.")
            : new NativeLibraryLoad(NativeLibrary.GetMainProgramHandle(), place, null);
    }
}
