// What a program may tell its user about the native library: for an about box, a log line, a bug report.

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
    public static unsafe NativeLibraryInfo Query()
    {
        NativeLibraryLoad state = NativeRuntime.State;
        if (state.Problem is not null)
        {
            return new NativeLibraryInfo(null, state.Problem, "", 0, 0, []);
        }

        string[] names =
        [
            .. Enum.GetValues<CnnIsa>().Where(isa => NativeMethods.IsaAvailable(isa) != 0).Select(NativeRuntime.NameOf),
        ];
        return new NativeLibraryInfo(
            state.Path, null, NativeRuntime.Text(NativeMethods.Version()), NativeMethods.AbiVersion(), NativeMethods.AbiHash(), names);
    }
}
