// Time and speed of a fit, for progress reports.

using System.Diagnostics;

namespace CnnNative.Training;

/// <summary>Counts samples and time of one run.</summary>
internal sealed class FitClock(int epochs, int batchesPerEpoch)
{
    private long _start = Stopwatch.GetTimestamp();
    private long _epochStart;
    private long _lastReport;
    private long _epochSamples;
    private long _batches;
    private long _batchesToDo;

    /// <summary>Samples that were trained on.</summary>
    public long Samples { get; private set; }

    /// <summary>Time since the start.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>Seconds since the epoch began, in this run.</summary>
    public double EpochSeconds => Stopwatch.GetElapsedTime(_epochStart).TotalSeconds;

    /// <summary>Samples a second of the epoch, in this run; 0 before the first batch.</summary>
    public double SamplesPerSecond { get; private set; }

    /// <summary>The time that what is left takes at the speed so far.</summary>
    public TimeSpan Remaining => _batches == 0 ? TimeSpan.Zero : Elapsed * ((double)_batchesToDo / _batches);

    /// <summary>Begins at a place of the training.</summary>
    public void Start(int epoch, int batch)
    {
        _start = Stopwatch.GetTimestamp();
        _batchesToDo = ((long)epochs - epoch) * batchesPerEpoch - batch;
        BeginEpoch();
    }

    /// <summary>Begins an epoch.</summary>
    public void BeginEpoch()
    {
        _epochStart = Stopwatch.GetTimestamp();
        _epochSamples = 0;
    }

    /// <summary>Counts a batch.</summary>
    public void Count(int samples)
    {
        Samples += samples;
        _epochSamples += samples;
        _batches++;
        _batchesToDo--;
        SamplesPerSecond = _epochSamples / Math.Max(EpochSeconds, 1e-9);
    }

    /// <summary>Whether so much time went by since this was last true.</summary>
    public bool IsDue(TimeSpan interval)
    {
        bool due = Stopwatch.GetElapsedTime(_lastReport) >= interval;
        _lastReport = due ? Stopwatch.GetTimestamp() : _lastReport;
        return due;
    }
}
