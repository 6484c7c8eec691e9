// What augmenting one picture costs. A network that trains on 30,000 digits a second leaves 33 microseconds for each, all workers
// together, and less where workers share cores with the kernels.

using BenchmarkDotNet.Attributes;

namespace CnnNative.Benchmarks;

/// <summary>Steps on a digit of 28x28 and on a colour picture of 32x32.</summary>
public class AugmentationBenchmarks
{
    private static readonly Shape _digit = (28, 28, 1), _colour = (32, 32, 3);

    private readonly Augmentation _affine = new(
        new RandomRotation(15), new RandomScale(0.9f, 1.1f), new RandomShear(10), new RandomTranslation(2));

    private readonly Augmentation _elastic = new(new ElasticDistortion(), new RandomRotation(15), new RandomScale(0.9f, 1.1f));

    private readonly Augmentation _flipAndCrop = new(new RandomHorizontalFlip(), new RandomCrop(32, 32, 4));

    private readonly Augmentation _rotation = new(new RandomRotation(15));

    private readonly Augmentation _jitter = new(new RandomBrightness(0.2f), new RandomContrast(0.2f), new ColorJitter(0.2f, 0.05f));

    private readonly Augmentation _noise = new(new GaussianNoise(0.05f));

    private readonly float[] _input = [.. Enumerable.Range(0, 32 * 32 * 3).Select(i => i % 101 / 101f)];
    private readonly float[] _output = new float[32 * 32 * 3];
    private int _position;

    [Benchmark(Description = "affine warp, 28x28x1")]
    public void Affine() => Apply(_affine, _digit);

    [Benchmark(Description = "elastic and affine warp, 28x28x1")]
    public void Elastic() => Apply(_elastic, _digit);

    [Benchmark(Description = "Gaussian noise, 28x28x1")]
    public void Noise() => Apply(_noise, _digit);

    [Benchmark(Description = "flip and crop, 32x32x3")]
    public void FlipAndCrop() => Apply(_flipAndCrop, _colour);

    [Benchmark(Description = "rotation, 32x32x3")]
    public void Rotation() => Apply(_rotation, _colour);

    [Benchmark(Description = "brightness, contrast and colour jitter, 32x32x3")]
    public void Jitter() => Apply(_jitter, _colour);

    private void Apply(Augmentation augmentation, Shape shape)
    {
        int size = (int)shape.ElementCount;
        SampleRandom random = SampleRandom.ForSample(1, 0, _position++);
        augmentation.Apply(shape, _input.AsSpan(0, size), _output.AsSpan(0, size), ref random);
    }
}
