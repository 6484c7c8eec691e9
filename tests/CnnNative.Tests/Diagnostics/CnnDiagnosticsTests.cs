// Counts of live memory and handles, and the event of one that nobody disposed. They are of the whole process, so these tests run
// while no other does, and after what others forgot is gone.

using System.Collections.Concurrent;
using System.Diagnostics;

namespace CnnNative.Tests.Diagnostics;

[CollectionDefinition(nameof(CnnDiagnosticsTests), DisableParallelization = true)]
[Collection(nameof(CnnDiagnosticsTests))]
public sealed class CnnDiagnosticsTests
{
    public CnnDiagnosticsTests() => LeakCheck.Collect();

    public static TheoryData<NativeHandleKind, int> Makers => new()
    {
        { NativeHandleKind.Tensor, 1 },
        { NativeHandleKind.Context, 1 },
        { NativeHandleKind.Workspace, 2 },
        { NativeHandleKind.PackedWeights, 1 },
        { NativeHandleKind.ConvolutionPlan, 2 },
        { NativeHandleKind.MatrixProductPlan, 1 },
        { NativeHandleKind.ResizePlan, 1 },
    };

    [Theory]
    [MemberData(nameof(Makers))]
    public void Counts_of_each_kind_rise_with_what_is_made_and_fall_to_where_they_were(NativeHandleKind kind, int atLeast)
    {
        using Model model = MakeModel();
        long live = CnnDiagnostics.LiveHandles(kind), all = CnnDiagnostics.LiveHandles(), bytes = CnnDiagnostics.LiveNativeBytes;

        using (ComputeContext context = new(threads: 1))
        using (CompiledModel compiled = model.Compile(new CompileOptions { Context = context }))
        using (Session session = compiled.CreateSession())
        {
            session.Run(TestContext.Current.CancellationToken);
            Assert.InRange(CnnDiagnostics.LiveHandles(kind) - live, atLeast, 100);
            Assert.True(CnnDiagnostics.LiveNativeBytes > bytes + 16 * 27 * sizeof(float));
        }

        Assert.Equal(live, CnnDiagnostics.LiveHandles(kind));
        Assert.Equal(all, CnnDiagnostics.LiveHandles());
        Assert.Equal(bytes, CnnDiagnostics.LiveNativeBytes);
    }

    [Fact]
    public void A_tensor_counts_with_its_elements_and_a_slice_of_it_as_a_handle_without_them()
    {
        const int elements = 1 << 20;
        long bytes = CnnDiagnostics.LiveNativeBytes, tensors = CnnDiagnostics.LiveHandles(NativeHandleKind.Tensor);

        Tensor tensor = Tensor.Zeros((4, elements / 4));
        Tensor slice = tensor.Slice(1, 2);
        long both = CnnDiagnostics.LiveNativeBytes - bytes;
        Assert.Equal(tensors + 2, CnnDiagnostics.LiveHandles(NativeHandleKind.Tensor));
        tensor.Dispose();
        long kept = CnnDiagnostics.LiveNativeBytes - bytes;
        slice.Dispose();

        // Handles, blocks and alignment take some hundred bytes.
        Assert.InRange(both, elements * sizeof(float), elements * sizeof(float) + 1000);
        Assert.InRange(kept, elements * sizeof(float), both - 1);
        Assert.Equal(bytes, CnnDiagnostics.LiveNativeBytes);
        Assert.Equal(tensors, CnnDiagnostics.LiveHandles(NativeHandleKind.Tensor));
    }

    [Fact]
    public void Counts_are_exact_when_many_threads_make_and_dispose()
    {
        long bytes = CnnDiagnostics.LiveNativeBytes, tensors = CnnDiagnostics.LiveHandles(NativeHandleKind.Tensor);
        ConcurrentBag<Tensor> kept = [];

        Parallel.For(0, 4000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            Tensor tensor = Tensor.Zeros(1 + i % 50);
            if (i % 4 == 0)
            {
                kept.Add(tensor);
            }
            else
            {
                tensor.Dispose();
            }
        });

        Assert.Equal(tensors + 1000, CnnDiagnostics.LiveHandles(NativeHandleKind.Tensor));
        Parallel.ForEach(kept, tensor => tensor.Dispose());
        Assert.Equal(tensors, CnnDiagnostics.LiveHandles(NativeHandleKind.Tensor));
        Assert.Equal(bytes, CnnDiagnostics.LiveNativeBytes);
    }

    [Fact]
    public void A_tensor_that_nobody_disposed_is_told_with_its_size_and_the_stack_of_its_making()
    {
        UndisposedHandleEventArgs found = Assert.Single(LeakCheck.Forget(() => Tensor.Zeros((5, 7))));

        Assert.Equal(NativeHandleKind.Tensor, found.Kind);
        Assert.Equal(5 * 7 * sizeof(float), found.Bytes);
        Assert.Contains(nameof(A_tensor_that_nobody_disposed_is_told_with_its_size_and_the_stack_of_its_making), found.AllocationStack, StringComparison.Ordinal);
        Assert.StartsWith("Tensor of 140 bytes was never disposed.", found.ToString(), StringComparison.Ordinal);
        Assert.Contains("Tensor.Zeros", found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_that_nobody_disposed_is_told_by_the_kinds_of_what_it_holds()
    {
        UndisposedHandleEventArgs[] found = LeakCheck.Forget(() =>
        {
            using Model model = new Sequential((8, 8, 3)) { new Conv2d(16, 3), new Relu() }.Build(seed: 1);
            using CompiledModel compiled = model.Compile();
            return compiled.CreateSession();
        });

        // It keeps the weights of the model that is gone, what was prepared of them, and memory of its own.
        NativeHandleKind[] kinds =
            [NativeHandleKind.Tensor, NativeHandleKind.PackedWeights, NativeHandleKind.Workspace, NativeHandleKind.ConvolutionPlan];
        Assert.Equal(kinds, found.Select(handle => handle.Kind).Distinct().Order());
        Assert.All(
            found.Where(handle => handle.Kind == NativeHandleKind.Workspace),
            handle => Assert.Contains("CreateSession", handle.AllocationStack, StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_disposed_is_not_told()
    {
        long undisposed = CnnDiagnostics.UndisposedHandles;

        Assert.Empty(LeakCheck.Forget(() =>
        {
            Tensor tensor = Tensor.Zeros(10);
            tensor.Dispose();
            return tensor;
        }));

        Assert.Equal(undisposed, CnnDiagnostics.UndisposedHandles);
    }

    [Fact]
    public void Without_stacks_the_event_says_how_to_have_them()
    {
        using IDisposable pause = LeakCheck.WithoutStacks();
        UndisposedHandleEventArgs found = Assert.Single(LeakCheck.Forget(() => Tensor.Zeros(10)));

        Assert.Null(found.AllocationStack);
        Assert.Contains("RecordsAllocationStacks", found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_handler_that_throws_keeps_neither_the_others_from_being_called_nor_the_memory_from_being_released()
    {
        long bytes = CnnDiagnostics.LiveNativeBytes, undisposed = CnnDiagnostics.UndisposedHandles;
        using StringWriter text = new();
        using TextWriterTraceListener listener = new(text);
        Trace.Listeners.Add(listener);
        CnnDiagnostics.UndisposedHandle += Throw;
        try
        {
            Assert.Single(LeakCheck.Forget(() => Tensor.Zeros(10)));
            Assert.Single(LeakCheck.Forget(() => Tensor.Zeros(20)));
        }
        finally
        {
            CnnDiagnostics.UndisposedHandle -= Throw;
            Trace.Listeners.Remove(listener);
        }

        Assert.Equal(undisposed + 2, CnnDiagnostics.UndisposedHandles);
        Assert.Equal(bytes, CnnDiagnostics.LiveNativeBytes);
        listener.Flush();
        Assert.Contains("a bad handler", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_trace_that_cannot_tell_of_a_bad_handler_does_not_end_the_process()
    {
        using BrokenListener listener = new();
        Trace.Listeners.Add(listener);
        CnnDiagnostics.UndisposedHandle += Throw;
        try
        {
            Assert.Single(LeakCheck.Forget(() => Tensor.Zeros(10)));
        }
        finally
        {
            CnnDiagnostics.UndisposedHandle -= Throw;
            Trace.Listeners.Remove(listener);
        }

        Assert.True(listener.WasAsked);
    }

    [Fact]
    public void An_unknown_kind_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => CnnDiagnostics.LiveHandles((NativeHandleKind)99));

    // Something of each kind.
    private static Model MakeModel()
    {
        GraphBuilder b = new();
        GraphValue x = b.Upsample(b.Conv2d(b.Input("image", (8, 8, 3)), 16, 3), 2, ResizeMode.Linear);
        b.Output("logits", b.Linear(b.Flatten(b.MatMul(x, x, transposeRight: true)), 4));
        return b.Build(seed: 1);
    }

    private static void Throw(object? sender, UndisposedHandleEventArgs found) => throw new InvalidOperationException("a bad handler");

    private sealed class BrokenListener : TraceListener
    {
        public bool WasAsked { get; private set; }

        public override void Write(string? message) => WriteLine(message);

        public override void WriteLine(string? message)
        {
            WasAsked = true;
            throw new IOException("The log is gone.");
        }
    }
}
