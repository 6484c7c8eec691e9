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
        CnnStatus status = NativeMethods.ContextCreate(in options, out CnnContextHandle context, ref error);
        return Counted(context, status, in error, NativeHandleKind.Context);
    }
}

internal sealed partial class CnnBufferHandle
{
    /// <summary>Allocates a buffer.</summary>
    public static CnnBufferHandle Create(long bytes, NativeHandleKind kind)
    {
        CnnError error = default;
        CnnStatus status = NativeMethods.BufferCreate(bytes, out CnnBufferHandle buffer, ref error);
        return Counted(buffer, status, in error, kind, bytes);
    }

    /// <summary>A view of this buffer; it keeps the memory alive, but is no memory of its own.</summary>
    public CnnBufferHandle View(long offset, long bytes)
    {
        CnnError error = default;
        CnnStatus status = NativeMethods.BufferView(this, offset, bytes, out CnnBufferHandle view, ref error);
        return Counted(view, status, in error, Kind, bytes);
    }
}

internal sealed partial class CnnConv2dPlanHandle
{
    public static CnnConv2dPlanHandle Create(CnnContextHandle context, in CnnConv2dDesc desc, bool transposed)
    {
        CnnError error = default;
        CnnConv2dPlanHandle plan;
        CnnStatus status = transposed
            ? NativeMethods.Conv2dTransposePlanCreate(context, in desc, out plan, ref error)
            : NativeMethods.Conv2dPlanCreate(context, in desc, out plan, ref error);
        return Counted(plan, status, in error, NativeHandleKind.ConvolutionPlan);
    }
}

internal sealed partial class CnnGemmPlanHandle
{
    public static CnnGemmPlanHandle Create(CnnContextHandle context, in CnnGemmDesc desc)
    {
        CnnError error = default;
        CnnStatus status = NativeMethods.GemmPlanCreate(context, in desc, out CnnGemmPlanHandle plan, ref error);
        return Counted(plan, status, in error, NativeHandleKind.MatrixProductPlan);
    }
}

internal sealed partial class CnnResizePlanHandle
{
    public static CnnResizePlanHandle Create(in CnnResizeDesc desc)
    {
        CnnError error = default;
        CnnStatus status = NativeMethods.ResizePlanCreate(in desc, out CnnResizePlanHandle plan, ref error);
        return Counted(plan, status, in error, NativeHandleKind.ResizePlan);
    }
}
