// What a program may tell its user about the native library: for an about box, a log line, a bug report.

using System.Runtime.CompilerServices;
using CnnNative.Interop;

namespace CnnNative;

/// <summary>The native library of this process.</summary>
/// <param name="Path">Where it was loaded from; null when it is not loaded.</param>
/// <param name="Problem">Why it is not loaded; null when it is.</param>
/// <param name="Version">Its version, such as "0.1.0"; empty when it is not loaded.</param>
/// <param name="AbiVersion">The version of its ABI.</param>
/// <param name="AbiHash">The hash of the header that it was built with.</param>
/// <param name="InstructionSets">The instruction sets that it can use on this machine, as CNN_MAX_ISA spells them.</param>
public sealed record NativeLibraryInfo(
    string? Path, string? Problem, string Version, uint AbiVersion, ulong AbiHash, IReadOnlyList<string> InstructionSets)
{
    /// <summary>Loads the library, if that was not done before, and asks it.</summary>
    /// <returns>What it says; never throws when the library is missing.</returns>
    public static NativeLibraryInfo Query()
    {
        NativeLibraryLoad state = NativeRuntime.State;
        return state.Problem is null ? Ask(state.Path) : new NativeLibraryInfo(null, state.Problem, "", 0, 0, []);
    }

    // A function of its own: the just-in-time compiler looks the library up when it compiles these calls, and would do it before the
    // resolver is there. On Windows it then finds CnnNative.dll, which is this assembly.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe NativeLibraryInfo Ask(string? path)
    {
        string[] names =
        [
            .. Enum.GetValues<CnnIsa>().Where(isa => NativeMethods.IsaAvailable(isa) != 0).Select(NativeRuntime.NameOf),
        ];
        return new NativeLibraryInfo(
            path, null, NativeRuntime.Text(NativeMethods.Version()), NativeMethods.AbiVersion(), NativeMethods.AbiHash(), names);
    }
}
