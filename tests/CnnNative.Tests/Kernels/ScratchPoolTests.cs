// The memory that native calls share: that it is found again, grows, and is never in two hands at once.

using CnnNative.Interop;
using CnnNative.Kernels;

namespace CnnNative.Tests.Kernels;

public sealed class ScratchPoolTests
{
    public ScratchPoolTests() => NativeRuntime.EnsureLoaded();

    [Fact]
    public void Memory_that_was_given_back_is_rented_again()
    {
        using ScratchPool pool = new();
        CnnBufferHandle first;
        using (ScratchRental rental = pool.Workspace(1000))
            first = rental.Buffer;

        using ScratchRental again = pool.Workspace(800);

        Assert.Same(first, again.Buffer);
    }

    [Fact]
    public void Memory_grows_to_the_largest_size_that_was_asked_for()
    {
        using ScratchPool pool = new();
        pool.Workspace(1000).Dispose();
        using (ScratchRental large = pool.Workspace(5000))
            Assert.True(NativeMethods.BufferBytes(large.Buffer) >= 5000);

        using ScratchRental small = pool.Workspace(1);

        Assert.True(NativeMethods.BufferBytes(small.Buffer) >= 5000, "the block of 1000 bytes was to grow, not to be kept beside");
    }

    [Fact]
    public void The_smallest_memory_that_is_large_enough_is_taken()
    {
        using ScratchPool pool = new();
        using (ScratchRental large = pool.Workspace(5000))
        using (ScratchRental small = pool.Workspace(100))
            Assert.NotSame(large.Buffer, small.Buffer);

        using ScratchRental first = pool.Workspace(100);
        using ScratchRental second = pool.Workspace(5000);

        Assert.Equal(100, NativeMethods.BufferBytes(first.Buffer));
        Assert.Equal(5000, NativeMethods.BufferBytes(second.Buffer));
    }

    [Fact]
    public void No_bytes_are_no_buffer()
    {
        using ScratchPool pool = new();
        using ScratchRental none = pool.Workspace(0);

        Assert.Same(CnnBufferHandle.None, none.Buffer);
    }

    [Fact]
    public void Memory_that_is_given_back_late_is_freed()
    {
        ScratchPool pool = new();
        ScratchRental rental = pool.Workspace(64);
        CnnBufferHandle buffer = rental.Buffer;
        pool.Dispose();
        Assert.False(buffer.IsClosed);

        rental.Dispose();

        Assert.True(buffer.IsClosed);
    }

    [Fact]
    public void Threads_never_hold_the_same_memory()
    {
        using ScratchPool pool = new();
        int collisions = 0;
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, worker =>
        {
            for (int i = 0; i < 500; i++)
            {
                using ScratchRental rental = pool.Workspace(sizeof(float) * (1 + i % 7));
                CnnError error = default;
                Status.ThrowIfFailed(NativeMethods.BufferFill(rental.Buffer, worker, ref error), in error);
                Thread.Yield();
                if (FirstValue(rental.Buffer) != worker)
                    Interlocked.Increment(ref collisions);
            }
        });

        Assert.Equal(0, collisions);
    }

    private static unsafe float FirstValue(CnnBufferHandle buffer) => *(float*)NativeMethods.BufferData(buffer);
}
