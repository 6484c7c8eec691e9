// The suite fails on native memory that somebody forgot, in the library or in a test: everything that was made must have been
// disposed by the end, and not by the garbage collector. A leak is named by the stack of its making, in which the test stands.

using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using CnnNative.Interop;
using CnnNative.Tests;

[assembly: AssemblyFixture(typeof(LeakCheck))]

namespace CnnNative.Tests;

public sealed class LeakCheck : IDisposable
{
    private const int MostShown = 100;
    private static volatile bool _isPaused;
    private readonly ConcurrentQueue<UndisposedHandleEventArgs> _found = new();

    public LeakCheck()
    {
        CnnDiagnostics.RecordsAllocationStacks = true;
        CnnDiagnostics.UndisposedHandle += Note;
    }

    /// <summary>Records no stacks on this thread until the result is disposed, for tests that measure what code allocates which makes
    /// a great many handles.</summary>
    public static IDisposable WithoutStacks() => new Pause();

    /// <summary>What is told when something is made and forgotten, on purpose. For tests that run while no other does.</summary>
    public static UndisposedHandleEventArgs[] Forget(Func<IDisposable> make)
    {
        ConcurrentQueue<UndisposedHandleEventArgs> found = new();
        void Add(object? sender, UndisposedHandleEventArgs handle) => found.Enqueue(handle);
        Collect();
        _isPaused = true;
        CnnDiagnostics.UndisposedHandle += Add;
        try
        {
            MakeAndForget(make);
            Collect();
        }
        finally
        {
            CnnDiagnostics.UndisposedHandle -= Add;
            _isPaused = false;
        }

        return [.. found];
    }

    /// <summary>Lets finalizers run of everything that nobody holds. What they let go is found in the second round.</summary>
    public static void Collect()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    public void Dispose()
    {
        Collect();
        CnnDiagnostics.UndisposedHandle -= Note;
        StringBuilder text = new();
        AddUndisposed(text);
        AddLive(text);
        if (text.Length > 0)
        {
            throw new InvalidOperationException($"Native memory leaks.{Environment.NewLine}{text}");
        }
    }

    // A frame of its own, so that no local of the caller keeps it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MakeAndForget(Func<IDisposable> make) => _ = make();

    private void Note(object? sender, UndisposedHandleEventArgs found)
    {
        if (!_isPaused)
        {
            _found.Enqueue(found);
        }
    }

    // Many handles that leak in one place are one mistake.
    private void AddUndisposed(StringBuilder text)
    {
        foreach (IGrouping<string, UndisposedHandleEventArgs> place in
            _found.GroupBy(PlaceOf).OrderByDescending(place => place.Count()).Take(MostShown))
        {
            string kinds = string.Join(", ", place.GroupBy(found => found.Kind).Select(kind => $"{kind.Count()} {kind.Key}"));
            text.AppendLine(CultureInfo.InvariantCulture, $"Never disposed: {kinds}, made").AppendLine(place.Key);
        }
    }

    // The frames from the handle up to the test; what is above runs tests.
    private static string PlaceOf(UndisposedHandleEventArgs found)
    {
        string[] frames = (found.AllocationStack ?? "at an unknown place").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        int first = Math.Max(0, Array.FindIndex(frames, frame => !frame.Contains("CnnNative.Interop.", StringComparison.Ordinal)));
        int last = Array.FindLastIndex(frames, frame => frame.Contains("CnnNative.", StringComparison.Ordinal));
        return string.Join('\n', frames[first..(last < first ? frames.Length : last + 1)]);
    }

    // The default context is there to stay, with the memory that its operators worked in.
    private static void AddLive(StringBuilder text)
    {
        foreach (NativeHandleKind kind in Enum.GetValues<NativeHandleKind>())
        {
            long live = CnnDiagnostics.LiveHandles(kind), expected = kind == NativeHandleKind.Context ? 1 : 0;
            if (kind != NativeHandleKind.Workspace && live > expected)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"{live} handles of the kind {kind} are alive and held by something static.");
            }
        }
    }

    private sealed class Pause : IDisposable
    {
        public Pause() => NativeHandle.RecordsNoStacks = true;

        public void Dispose() => NativeHandle.RecordsNoStacks = false;
    }
}
