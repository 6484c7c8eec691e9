// Tells the garbage collector how much native memory the managed objects hold. It is told in large steps and late to take back:
// programs that make and dispose tensors in a loop would otherwise cause a collection every few operators for nothing.

namespace CnnNative.Interop;

internal static class NativeMemoryPressure
{
    private const long Step = 64L << 20;
    private static readonly Lock Gate = new();
    private static long _held;
    private static long _told;

    public static void Add(long bytes) => Change(bytes);

    public static void Remove(long bytes) => Change(-bytes);

    private static void Change(long bytes)
    {
        long difference;
        lock (Gate)
        {
            _held += bytes;
            bool inStep = _held <= _told && _held > _told - 2 * Step;
            difference = inStep ? 0 : (_held + Step - 1) / Step * Step - _told;
            _told += difference;
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
}
