// Where work runs: which kernels, which instruction set, how many threads. One default serves the whole process, so that
// nobody has to think of it before they want to.

using CnnNative.Interop;
using CnnNative.Kernels;

namespace CnnNative;

/// <summary>Which set of kernels does the work.</summary>
public enum Backend
{
    /// <summary>The native library: fast.</summary>
    Native = 0,

    /// <summary>The same operators in C#: slower, but needs no native library.</summary>
    Managed = 1,
}

/// <summary>An instruction set of the native library's kernels.</summary>
public enum InstructionSet
{
    /// <summary>Portable C: runs everywhere.</summary>
    Scalar = 0,

    /// <summary>x86-64 with AVX2 and FMA3.</summary>
    Avx2 = 1,

    /// <summary>x86-64 with AVX-512 F, BW, DQ and VL.</summary>
    Avx512 = 2,

    /// <summary>AArch64 with NEON, which all such processors have.</summary>
    Neon = 3,
}

/// <summary>How operators run: kernels, instruction set and threads.</summary>
/// <remarks>Immutable and safe to share between threads. Dispose it when no operator uses it any more; the default context is
/// never disposed. Results have the same bits for any number of threads.</remarks>
public sealed class ComputeContext : IDisposable
{
    private static readonly Lazy<Backend> ChosenBackend = new(() => ManagedFallback.Choose(NativeRuntime.State));
    private static readonly Lazy<ComputeContext> DefaultContext = new(() => new ComputeContext(DefaultBackend));
    private static readonly Lazy<ComputeContext> ManagedSetup = new(() => new ComputeContext(Backend.Managed));

    /// <summary>Makes a context.</summary>
    /// <param name="backend">Which kernels.</param>
    /// <param name="threads">Threads that share one operator; 0 for all that the process may use. The managed kernels use one.</param>
    /// <param name="maxInstructionSet">The best instruction set to use, where the machine has it; null for the best there is.
    /// It limits its own family of processors only: AVX2 is no limit on ARM, NEON none on x86-64. The environment variable
    /// CNN_MAX_ISA (scalar, avx2, avx512, neon) can lower it further.</param>
    /// <exception cref="NativeLibraryException">The native library is missing or of another version.</exception>
    /// <exception cref="ArgumentException">The number of threads is negative or above 1024, or CNN_MAX_ISA is not a name of an
    /// instruction set.</exception>
    public ComputeContext(Backend backend = Backend.Native, int threads = 0, InstructionSet? maxInstructionSet = null)
    {
        Backend = backend;
        Kernels = backend switch
        {
            Backend.Native => new NativeKernels(threads, maxInstructionSet is { } isa ? (CnnIsa)isa : LastInstructionSet),
            Backend.Managed => new ManagedKernels(),
            _ => throw new ArgumentException($"ComputeContext: backend is {backend}, expected Native or Managed.", nameof(backend)),
        };
    }

    /// <summary>The context of operators that are given none: native kernels, the best instruction set, all threads.</summary>
    /// <exception cref="NativeLibraryException">The native library is missing or of another version, and
    /// <see cref="CnnRuntime.AllowManagedFallback"/> was not called.</exception>
    public static ComputeContext Default => DefaultContext.Value;

    /// <summary>Which kernels.</summary>
    public Backend Backend { get; }

    /// <summary>The instruction set in use, as CNN_MAX_ISA spells it; "managed" for the managed kernels.</summary>
    public string InstructionSetName => Kernels is NativeKernels native ? NativeRuntime.NameOf(native.Isa) : "managed";

    /// <summary>Threads that share one operator.</summary>
    public int Threads => Kernels is NativeKernels native ? native.Threads : 1;

    /// <summary>The kernels of <see cref="Default"/>: the managed ones where the native ones are missing and somebody allowed that,
    /// who is told the first time that this is asked.</summary>
    internal static Backend DefaultBackend => ChosenBackend.Value;

    /// <summary>Where to compute what is computed once, while a network is made or read. It needs no native library, so that a
    /// program that computes with managed kernels does without: those are fast enough for this.</summary>
    internal static ComputeContext Setup => NativeRuntime.IsAvailable ? Default : ManagedSetup.Value;

    internal IKernels Kernels { get; }

    private static CnnIsa LastInstructionSet => Enum.GetValues<CnnIsa>().Max();

    /// <summary>Releases the context.</summary>
    public void Dispose() => Kernels.Dispose();
}
