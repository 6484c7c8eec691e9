// Changes of the size of a photograph to what a classifier sees, and of feature maps to twice their size, as a decoder does.

using BenchmarkDotNet.Attributes;
using CnnNative.Kernels;

namespace CnnNative.Benchmarks;

/// <summary>Resizing with plans that were made before.</summary>
public class ResizeBenchmarks : KernelBenchmarks
{
    private Tensor _photograph = null!;
    private Tensor _thumbnail = null!;
    private Tensor _map = null!;
    private Tensor _doubled = null!;
    private IResizePlan _cubic = null!;
    private IResizePlan _nearest = null!;
    private IResizePlan _linear = null!;

    [Benchmark(Description = "Resize, bicubic with antialias, 768x1024x3 to 224x224")]
    public void Cubic() => _cubic.Run(_photograph, _thumbnail);

    [Benchmark(Description = "Resize, nearest, 56x56x64 to 112x112")]
    public void Nearest() => _nearest.Run(_map, _doubled);

    [Benchmark(Description = "Resize, bilinear, 56x56x64 to 112x112")]
    public void Linear() => _linear.Run(_map, _doubled);

    [Benchmark(Description = "Gradient of resize, bilinear, 56x56x64 to 112x112")]
    public void LinearBackward() => _linear.Backward(_doubled, _map);

    /// <inheritdoc/>
    protected override void MakeTensors()
    {
        _photograph = Uniform((1, 768, 1024, 3));
        _thumbnail = Uniform((1, 224, 224, 3));
        _map = Uniform((1, 56, 56, 64));
        _doubled = Uniform((1, 112, 112, 64));
        ResizeFilter smooth = new(ResizeMode.Cubic, Antialias: true, CubicCoefficient: -0.5);
        _cubic = Own(Kernels.CreateResizePlan(new ResizeGeometry(1, new(768, 224), new(1024, 224), 3, smooth)));
        _nearest = Own(Kernels.CreateResizePlan(Doubling(new ResizeFilter(ResizeMode.Nearest))));
        _linear = Own(Kernels.CreateResizePlan(Doubling(new ResizeFilter(ResizeMode.Linear))));
    }

    private static ResizeGeometry Doubling(ResizeFilter filter) => new(1, new(56, 112), new(56, 112), 64, filter);
}
