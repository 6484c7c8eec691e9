// Running statistics change in the forward pass, before anybody knows whether the loss is finite. A copy of before lets a step
// that fails leave nothing behind; they are a few numbers for each channel.

using CnnNative.Graphs;
using CnnNative.Kernels;

namespace CnnNative.Training;

/// <summary>A copy of the running statistics of an arena.</summary>
internal sealed class StatisticsBackup : IDisposable
{
    private readonly IKernels _kernels;
    private readonly Tensor? _current;
    private readonly Tensor? _copy;
    private bool _taken;

    public StatisticsBackup(ParameterArena arena, IKernels kernels)
    {
        _kernels = kernels;
        int length = arena.Values.ElementCount - arena.TrainedLength;
        if (length > 0 && arena.Slots.Any(slot => slot.Parameter.Role == ParameterRole.Statistic))
        {
            _current = arena.Values.View(arena.TrainedLength, length);
            _copy = _current.Clone();
        }
    }

    /// <summary>Takes a copy.</summary>
    public void Take()
    {
        _taken = true;
        if (_current is not null)
        {
            _kernels.Copy(_current, _copy!);
        }
    }

    /// <summary>Lets what was computed since stand.</summary>
    public void Keep() => _taken = false;

    /// <summary>Puts the copy back, unless what was computed since shall stand.</summary>
    public void Restore()
    {
        if (_current is not null && _taken)
        {
            _kernels.Copy(_copy!, _current);
        }

        _taken = false;
    }

    public void Dispose()
    {
        _current?.Dispose();
        _copy?.Dispose();
    }
}
