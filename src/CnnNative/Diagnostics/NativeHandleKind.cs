// What the memory outside of the managed heap is for: the words in which CnnDiagnostics counts.

namespace CnnNative;

/// <summary>What a native handle stands for.</summary>
public enum NativeHandleKind
{
    /// <summary>The elements of a <see cref="Tensor"/>, or of one that shares the elements of another: each has a handle.</summary>
    Tensor = 0,

    /// <summary>Weights as kernels read them: of compiled models, training executors and single operators.</summary>
    PackedWeights = 1,

    /// <summary>Memory that operators work in: of sessions, training executors and contexts, and views into it.</summary>
    Workspace = 2,

    /// <summary>What a <see cref="ComputeContext"/> chose of kernels and threads.</summary>
    Context = 3,

    /// <summary>A prepared convolution or fully connected layer.</summary>
    ConvolutionPlan = 4,

    /// <summary>A prepared matrix product.</summary>
    MatrixProductPlan = 5,

    /// <summary>A prepared resize.</summary>
    ResizePlan = 6,
}
