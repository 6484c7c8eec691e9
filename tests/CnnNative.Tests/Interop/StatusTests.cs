// What the library refuses must arrive as the exception that a .NET user expects, with the library's own sentence.

using System.Text;
using CnnNative.Interop;

namespace CnnNative.Tests.Interop;

public sealed class StatusTests
{
    public static TheoryData<int, Type> Exceptions => new()
    {
        { (int)CnnStatus.InvalidArgument, typeof(ArgumentException) },
        { (int)CnnStatus.ShapeMismatch, typeof(ShapeException) },
        { (int)CnnStatus.SizeOverflow, typeof(ShapeException) },
        { (int)CnnStatus.BufferTooSmall, typeof(ArgumentException) },
        { (int)CnnStatus.OutOfMemory, typeof(InsufficientMemoryException) },
        { (int)CnnStatus.Unsupported, typeof(PlatformNotSupportedException) },
        { (int)CnnStatus.Cancelled, typeof(OperationCanceledException) },
        { 99, typeof(InvalidOperationException) },
    };

    [Theory]
    [MemberData(nameof(Exceptions))]
    public void A_status_becomes_an_exception_with_the_text_of_the_library(int status, Type expected)
    {
        CnnError error = default;
        "größer als 3"u8.CopyTo(error.Text);

        Exception thrown = Assert.Throws(expected, () => Status.ThrowIfFailed((CnnStatus)status, in error));

        Assert.EndsWith("größer als 3", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_status_of_the_header_but_success_has_an_exception_of_its_own()
    {
        CnnError error = default;
        Status.ThrowIfFailed(CnnStatus.Ok, in error);

        foreach (CnnStatus status in Enum.GetValues<CnnStatus>().Where(status => status != CnnStatus.Ok))
        {
            Exception thrown = Assert.ThrowsAny<Exception>(() => Status.ThrowIfFailed(status, in error));
            Assert.IsNotType<InvalidOperationException>(thrown);
        }
    }

    [Fact]
    public void A_text_that_fills_the_record_without_an_end_is_read_to_its_length_and_no_further()
    {
        CnnError error = default;
        Span<byte> text = error.Text;
        text.Fill((byte)'x');
        int length = text.Length;

        ArgumentException thrown = Assert.Throws<ArgumentException>(() => Status.ThrowIfFailed(CnnStatus.InvalidArgument, in error));

        Assert.Equal(new string('x', length), thrown.Message);
        Assert.Equal(508, Encoding.UTF8.GetByteCount(thrown.Message));
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-4L)]
    public void A_buffer_that_is_not_positive_is_refused_by_the_library(long bytes)
    {
        RequireLibrary();

        ArgumentException thrown = Assert.Throws<ArgumentException>(() => CnnBufferHandle.Create(bytes, NativeHandleKind.Tensor).Dispose());

        Assert.Contains(bytes.ToString(System.Globalization.CultureInfo.InvariantCulture), thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_context_of_a_negative_number_of_threads_is_refused_by_the_library()
    {
        RequireLibrary();

        ArgumentException thrown = Assert.Throws<ArgumentException>(() => CnnContextHandle.Create(-3, CnnIsa.Scalar).Dispose());

        Assert.Contains("-3", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Work_of_a_cancelled_context_ends_with_an_exception_until_it_is_resumed()
    {
        RequireLibrary();
        using CnnContextHandle context = CnnContextHandle.Create(1, CnnIsa.Scalar);
        using Tensor input = Tensor.FromSpan([1f, -2f], 2), output = Tensor.Zeros(2);

        NativeMethods.ContextCancel(context);
        Assert.Throws<OperationCanceledException>(Relu);
        NativeMethods.ContextResume(context);
        Relu();

        Assert.Equal([1f, 0f], output.ToArray());

        void Relu()
        {
            CnnError error = default;
            CnnStatus status = NativeMethods.Activate(
                context, CnnActivationKind.Relu, 0, 0, input.ElementCount, input.Buffer, output.Buffer, ref error);
            Status.ThrowIfFailed(status, in error);
        }
    }

    [Fact]
    public unsafe void A_view_outlives_the_buffer_that_it_was_made_of()
    {
        RequireLibrary();
        CnnBufferHandle whole = CnnBufferHandle.Create(64, NativeHandleKind.Tensor);
        using CnnBufferHandle view = whole.View(16, 8);
        ((float*)NativeMethods.BufferData(whole))[5] = 2.5f;

        whole.Dispose();

        Assert.Equal(8, NativeMethods.BufferBytes(view));
        Assert.Equal(2.5f, ((float*)NativeMethods.BufferData(view))[1]);
        Assert.Throws<ObjectDisposedException>(() => NativeMethods.BufferBytes(whole));
        Assert.Throws<ArgumentException>(() => view.View(4, 8).Dispose());
    }

    private static void RequireLibrary() =>
        Assert.SkipUnless(NativeRuntime.IsAvailable, NativeRuntime.State.Problem ?? "the native library is not loaded");
}
