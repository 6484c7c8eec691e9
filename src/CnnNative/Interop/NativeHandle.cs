// What all handles of native memory have in common: they are counted by kind from when they are made until the native object is
// gone, and one that nobody disposed tells so when its finalizer runs.

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CnnNative.Interop;

internal abstract class NativeHandle() : SafeHandle(0, ownsHandle: true)
{
    private static readonly long[] LiveByKind = new long[Enum.GetValues<NativeHandleKind>().Length];
    private static long _undisposed;

    private StackTrace? _stack;
    private bool _isCounted;

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>What it stands for.</summary>
    public NativeHandleKind Kind { get; private set; }

    /// <summary>The handles that finalizers released.</summary>
    public static long Undisposed => Volatile.Read(ref _undisposed);

    /// <summary>Whether this thread does without stacks, for tests of what code allocates that makes a great many
    /// handles.</summary>
    [field: ThreadStatic]
    internal static bool RecordsNoStacks { get; set; }

    /// <summary>The bytes that it stands for.</summary>
    protected long Bytes { get; private set; }

    /// <summary>The handles of a kind that are alive.</summary>
    public static long Live(NativeHandleKind kind) => Volatile.Read(ref LiveByKind[(int)kind]);

    /// <summary>Counts a handle that was just made, which whoever makes one does.</summary>
    /// <param name="kind">What it stands for.</param>
    /// <param name="bytes">The bytes that it stands for.</param>
    protected void Count(NativeHandleKind kind, long bytes = 0)
    {
        Kind = kind;
        Bytes = bytes;
        _isCounted = true;
        Interlocked.Increment(ref LiveByKind[(int)kind]);
        NativeMemoryPressure.Update();
        if (CnnDiagnostics.RecordsAllocationStacks && !RecordsNoStacks)
        {
            _stack = new StackTrace(skipFrames: 1, fNeedFileInfo: true);
        }
    }

    /// <summary>The handle that a call of the library made, counted; throws what the status stands for.</summary>
    protected static T Counted<T>(T made, CnnStatus status, in CnnError error, NativeHandleKind kind, long bytes = 0)
        where T : NativeHandle
    {
        Status.ThrowIfFailed(status, in error);
        made.Count(kind, bytes);
        return made;
    }

    /// <summary>Gives the native object back.</summary>
    protected abstract void Destroy();

    /// <inheritdoc/>
    protected sealed override bool ReleaseHandle()
    {
        Destroy();
        if (_isCounted)
        {
            Interlocked.Decrement(ref LiveByKind[(int)Kind]);
            NativeMemoryPressure.Update();
        }

        return true;
    }

    /// <inheritdoc/>
    protected sealed override void Dispose(bool disposing)
    {
        // Whoever disposes a handle keeps its finalizer from running, so here nobody did.
        if (!disposing && _isCounted)
        {
            Interlocked.Increment(ref _undisposed);
            CnnDiagnostics.Report(Kind, Bytes, _stack);
        }

        base.Dispose(disposing);
    }
}
