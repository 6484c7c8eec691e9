// Time and memory of the whole process, as somebody with a stopwatch sees them.

using System.Diagnostics;

namespace CnnNative.Cli;

internal static class ProcessClock
{
    private static readonly DateTime _started = ReadStart();

    /// <summary>Seconds since the process was started, the runtime's own start included.</summary>
    public static double Seconds => (DateTime.UtcNow - _started).TotalSeconds;

    /// <summary>The most memory that the process had at once, in megabytes of 2^20 bytes.</summary>
    public static double PeakMegabytes
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64 / (double)(1 << 20);
        }
    }

    private static DateTime ReadStart()
    {
        using var process = Process.GetCurrentProcess();
        return process.StartTime.ToUniversalTime();
    }
}
