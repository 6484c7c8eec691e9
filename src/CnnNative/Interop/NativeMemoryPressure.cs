// How much native memory there is, and telling the garbage collector, which cannot see it. The collector is told in large steps and
// late to take back: programs that make and dispose tensors in a loop would otherwise cause a collection every few operators for
// nothing.

using System.Runtime.CompilerServices;

namespace CnnNative.Interop;

internal static class NativeMemoryPressure
{
    private const long Step = 64L << 20;
    private static readonly Lock Gate = new();
    private static long _runtimeBytes;
    private static long _told;

    /// <summary>What is allocated now. The native library counts its own.</summary>
    public static long LiveBytes => Volatile.Read(ref _runtimeBytes) + (NativeRuntime.IsLoaded ? NativeBytes() : 0);

    /// <summary>Counts memory that comes from the .NET runtime, where there is no native library; negative when it goes.</summary>
    public static void AddRuntimeBytes(long bytes) => Interlocked.Add(ref _runtimeBytes, bytes);

    /// <summary>Tells the garbage collector of what has changed, when it is enough.</summary>
    public static void Update()
    {
        if (IsInStep(LiveBytes, Volatile.Read(ref _told)))
        {
            return;
        }

        long difference;
        lock (Gate)
        {
            long held = LiveBytes;
            difference = IsInStep(held, _told) ? 0 : (held + Step - 1) / Step * Step - _told;
            Volatile.Write(ref _told, _told + difference);
        }

        if (difference > 0)
        {
            GC.AddMemoryPressure(difference);
        }
        else if (difference < 0)
        {
            GC.RemoveMemoryPressure(-difference);
        }
    }

    private static bool IsInStep(long held, long told) => held <= told && held > told - 2 * Step;

    // A function of its own: the just-in-time compiler looks the library up when it compiles the call.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long NativeBytes() => NativeMethods.LiveBytes();
}
