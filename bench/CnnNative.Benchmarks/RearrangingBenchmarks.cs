// Functions that move elements, on a batch of feature maps, and changes of the size of a photograph.

using BenchmarkDotNet.Attributes;
using CnnNative.Kernels;

namespace CnnNative.Benchmarks;

/// <summary>Rearranging of 8 x 56 x 56 x 64 elements.</summary>
public class RearrangingBenchmarks : KernelBenchmarks
{
    private const int Pixels = 8 * 56 * 56;

    private static readonly GatherGeometry Rows = new(IndexType.Int32, Outer: 1, Pixels, Inner: 64, Pixels);

    private Tensor _map = null!;
    private Tensor _planes = null!;
    private Tensor _padded = null!;
    private Tensor _part = null!;
    private Tensor _indices = null!;
    private Tensor _gathered = null!;

    [Benchmark(Description = "Transpose NHWC to NCHW, 8x56x56x64")]
    public void ToNchw() => Kernels.Transpose(Layout.NhwcToNchw, _map, _planes);

    [Benchmark(Description = "Transpose NCHW to NHWC, 8x64x56x56")]
    public void ToNhwc() => Kernels.Transpose(Layout.NchwToNhwc, _planes, _map);

    [Benchmark(Description = "Pad by one pixel of zeros, 8x56x56x64")]
    public void Pad() => Kernels.Pad(PadMode.Constant, 0, [0, 1, 1, 0], [0, 1, 1, 0], _map, _padded);

    [Benchmark(Description = "Pad by one mirrored pixel, 8x56x56x64")]
    public void PadReflect() => Kernels.Pad(PadMode.Reflect, 0, [0, 1, 1, 0], [0, 1, 1, 0], _map, _padded);

    [Benchmark(Description = "Gradient of padding by one mirrored pixel, 8x56x56x64")]
    public void PadBackward() => Kernels.PadBackward(PadMode.Reflect, [0, 1, 1, 0], [0, 1, 1, 0], _padded, _map);

    [Benchmark(Description = "Slice of every other pixel, 8x56x56x64")]
    public void Slice() => Kernels.Slice([0, 0, 0, 0], [1, 2, 2, 1], _map, _part);

    [Benchmark(Description = "Gradient of a slice of every other pixel, 8x56x56x64")]
    public void SliceBackward() => Kernels.SliceBackward([0, 0, 0, 0], [1, 2, 2, 1], _part, _map);

    [Benchmark(Description = "Gather of 25088 rows of 64")]
    public void Gather() => Kernels.Gather(in Rows, _map, _indices, _gathered);

    [Benchmark(Description = "Gradient of a gather of 25088 rows of 64")]
    public void GatherBackward() => Kernels.GatherBackward(in Rows, _gathered, _indices, _map);

    /// <inheritdoc/>
    protected override void MakeTensors()
    {
        _map = Uniform((8, 56, 56, 64));
        _planes = Uniform((8, 64, 56, 56));
        _padded = Uniform((8, 58, 58, 64));
        _part = Uniform((8, 28, 28, 64));
        _gathered = Uniform((Pixels, 64));
        _indices = Own(IntegerElements.Create([.. Enumerable.Range(0, Pixels).Select(i => (int)(i * 7919L % Pixels))]));
    }
}
