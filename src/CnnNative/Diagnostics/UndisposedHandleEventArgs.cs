// What is known of a handle that nobody disposed, when the garbage collector finds it.

using System.Diagnostics;

namespace CnnNative;

/// <summary>A native handle that the garbage collector had to release, because nobody disposed it.</summary>
public sealed class UndisposedHandleEventArgs : EventArgs
{
    private readonly StackTrace? _stack;

    internal UndisposedHandleEventArgs(NativeHandleKind kind, long bytes, StackTrace? stack)
    {
        Kind = kind;
        Bytes = bytes;
        _stack = stack;
    }

    /// <summary>What it stood for.</summary>
    public NativeHandleKind Kind { get; }

    /// <summary>The bytes of the tensor, the weights or the workspace; 0 for contexts and plans. What shares the memory of others
    /// says its own part, which may be alive for their sake.</summary>
    public long Bytes { get; }

    /// <summary>Who made it, as lines of "at METHOD"; null unless <see cref="CnnDiagnostics.RecordsAllocationStacks"/> was on by
    /// then.</summary>
    public string? AllocationStack => _stack?.ToString();

    /// <summary>All of it as a text.</summary>
    public override string ToString()
    {
        string what = Bytes > 0 ? $"{Kind} of {Bytes} bytes" : Kind.ToString();
        return AllocationStack is { } stack
            ? $"{what} was never disposed. It was made{Environment.NewLine}{stack.TrimEnd()}"
            : $"{what} was never disposed. Turn {nameof(CnnDiagnostics)}.{nameof(CnnDiagnostics.RecordsAllocationStacks)} on to see who made it.";
    }
}
