// The one narrow door between operators and arithmetic. Two sets of kernels stand behind it: the native library, and the same
// work in C#, which is the oracle of the tests, the baseline of the benchmarks and an opt-in fallback.

namespace CnnNative.Kernels;

/// <summary>The kernels that operators are made of. Arguments are checked before they come here: shapes fit, outputs are
/// tensors of their own. Implementations are safe to use from several threads at once.</summary>
internal partial interface IKernels : IDisposable;
