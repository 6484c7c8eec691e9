// What the generated handles cannot say of themselves: how they are made, and what they are counted as.

namespace CnnNative.Interop;

internal sealed partial class CnnContextHandle
{
    public static CnnContextHandle Create(int threads, CnnIsa maxIsa)
    {
        NativeMethods.ContextOptionsInit(out CnnContextOptions options);
        options.Threads = threads;
        options.MaxIsa = maxIsa;
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.ContextCreate(in options, out CnnContextHandle context, ref error), in error);
        context.Count(NativeHandleKind.Context);
        return context;
    }
}

internal sealed partial class CnnBufferHandle
{
    /// <summary>Allocates a buffer.</summary>
    public static CnnBufferHandle Create(long bytes, NativeHandleKind kind)
    {
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.BufferCreate(bytes, out CnnBufferHandle buffer, ref error), in error);
        buffer.Count(kind, bytes);
        return buffer;
    }

    /// <summary>A view of this buffer; it keeps the memory alive, but is no memory of its own.</summary>
    public CnnBufferHandle View(long offset, long bytes)
    {
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.BufferView(this, offset, bytes, out CnnBufferHandle view, ref error), in error);
        view.Count(Kind, bytes);
        return view;
    }
}

internal sealed partial class CnnConv2dPlanHandle
{
    public static CnnConv2dPlanHandle Create(CnnContextHandle context, in CnnConv2dDesc desc)
    {
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.Conv2dPlanCreate(context, in desc, out CnnConv2dPlanHandle plan, ref error), in error);
        plan.Count(NativeHandleKind.ConvolutionPlan);
        return plan;
    }

    public static CnnConv2dPlanHandle CreateTranspose(CnnContextHandle context, in CnnConv2dDesc desc)
    {
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.Conv2dTransposePlanCreate(context, in desc, out CnnConv2dPlanHandle plan, ref error), in error);
        plan.Count(NativeHandleKind.ConvolutionPlan);
        return plan;
    }
}

internal sealed partial class CnnGemmPlanHandle
{
    public static CnnGemmPlanHandle Create(CnnContextHandle context, in CnnGemmDesc desc)
    {
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.GemmPlanCreate(context, in desc, out CnnGemmPlanHandle plan, ref error), in error);
        plan.Count(NativeHandleKind.MatrixProductPlan);
        return plan;
    }
}

internal sealed partial class CnnResizePlanHandle
{
    public static CnnResizePlanHandle Create(in CnnResizeDesc desc)
    {
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.ResizePlanCreate(in desc, out CnnResizePlanHandle plan, ref error), in error);
        plan.Count(NativeHandleKind.ResizePlan);
        return plan;
    }
}
