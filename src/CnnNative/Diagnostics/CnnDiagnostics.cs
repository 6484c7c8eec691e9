// Leaks made visible: how much native memory there is, in how many handles of which kind, and who forgot to dispose one. The bytes
// are counted by the native library and the handles where they are made, so nothing here keeps books of its own.

using System.Diagnostics;
using CnnNative.Interop;

namespace CnnNative;

/// <summary>What CnnNative holds outside of the managed heap, in this process.</summary>
/// <remarks>Everything that holds native memory is an <see cref="IDisposable"/>: tensors, models, sessions, trainers, contexts. What is
/// not disposed is released when the garbage collector finds it, which may be late, as the collector sees a small object where a
/// large block of memory is. The members are safe to use from several threads, and the counts are exact at any moment at which no
/// other thread makes or disposes anything.</remarks>
public static class CnnDiagnostics
{
    /// <summary>The name of the switch of <see cref="AppContext"/> that turns <see cref="RecordsAllocationStacks"/> on from the start.
    /// In a project file: <c>&lt;RuntimeHostConfigurationOption Include="CnnNative.RecordAllocationStacks" Value="true" /&gt;</c>.
    /// </summary>
    public const string RecordAllocationStacksSwitch = "CnnNative.RecordAllocationStacks";

    private static volatile bool _recordsAllocationStacks =
        AppContext.TryGetSwitch(RecordAllocationStacksSwitch, out bool isOn) && isOn;

    /// <summary>Raised for each handle that reaches the garbage collector undisposed; the sender is null.</summary>
    /// <remarks>It is raised on the thread that runs finalizers, so a handler should be quick and must not wait for that thread. An
    /// exception of a handler goes to <see cref="Trace"/> and no further. What is left when the process ends is not finalized, so it
    /// shows in <see cref="LiveHandles()"/> only.</remarks>
    public static event EventHandler<UndisposedHandleEventArgs>? UndisposedHandle;

    /// <summary>The bytes that are allocated outside of the managed heap now, as the native library counts them: buffers with their
    /// alignment, plans and contexts. Without the native library, the memory of tensors.</summary>
    public static long LiveNativeBytes => NativeMemoryPressure.LiveBytes;

    /// <summary>The handles that finalizers had to release so far, because nobody had disposed them.</summary>
    public static long UndisposedHandles => NativeHandle.Undisposed;

    /// <summary>Whether each new handle remembers who made it, for <see cref="UndisposedHandle"/>. Off unless the switch
    /// <see cref="RecordAllocationStacksSwitch"/> is on; it costs some ten microseconds for each handle, and nothing when it is off.
    /// </summary>
    public static bool RecordsAllocationStacks
    {
        get => _recordsAllocationStacks;
        set => _recordsAllocationStacks = value;
    }

    /// <summary>The native handles that are alive now.</summary>
    public static long LiveHandles() => Enum.GetValues<NativeHandleKind>().Sum(NativeHandle.Live);

    /// <summary>The native handles of one kind that are alive now.</summary>
    /// <param name="kind">Which ones.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such kind.</exception>
    public static long LiveHandles(NativeHandleKind kind) => Enum.IsDefined(kind)
        ? NativeHandle.Live(kind)
        : throw new ArgumentOutOfRangeException(nameof(kind), kind, "CnnDiagnostics: expected a value of NativeHandleKind.");

    /// <summary>Tells all handlers of a handle that was not disposed. Called by the finalizer, which nothing may escape from.</summary>
    internal static void Report(NativeHandleKind kind, long bytes, StackTrace? stack)
    {
        if (UndisposedHandle is not { } handlers)
        {
            return;
        }

        UndisposedHandleEventArgs found = new(kind, bytes, stack);
        foreach (EventHandler<UndisposedHandleEventArgs> handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(null, found);
            }
            catch (Exception error)
            {
                Tell(error);
            }
        }
    }

    private static void Tell(Exception error)
    {
        try
        {
            Trace.TraceError($"A handler of {nameof(CnnDiagnostics)}.{nameof(UndisposedHandle)} failed: {error}");
        }
        catch (Exception)
        {
            // A listener of the trace failed too, and nobody else is there to be told.
        }
    }
}
