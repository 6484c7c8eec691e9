// The steps in a row. Neighbours that move pixels become one warp, because each resampling blurs: rotation, scale, shear and
// elastic distortion together read every pixel once.

using System.Buffers;

namespace CnnNative;

/// <summary>Random changes to pictures of a data set while training, so that a network sees each one a little differently in
/// every epoch. Immutable and safe to use from several threads.</summary>
public sealed class Augmentation
{
    private readonly AugmentationStep[] _fused;

    /// <summary>Makes a pipeline.</summary>
    /// <param name="steps">The steps, in order. Neighbouring <see cref="GeometricStep"/>s are done in one resampling.</param>
    public Augmentation(params ReadOnlySpan<AugmentationStep> steps)
    {
        Steps = steps.ToArray();
        var fused = new List<AugmentationStep>();
        var geometric = new List<GeometricStep>();
        foreach (AugmentationStep step in steps)
        {
            ArgumentNullException.ThrowIfNull(step, nameof(steps));
            if (step is not GeometricStep part)
            {
                Fuse();
                fused.Add(step);
                continue;
            }

            if (geometric.Count > 0 && geometric[0].Border != part.Border)
            {
                Fuse();
            }

            geometric.Add(part);
        }

        Fuse();
        _fused = [.. fused];

        void Fuse()
        {
            if (geometric.Count > 0)
            {
                fused.Add(new Warp([.. geometric]));
                geometric.Clear();
            }
        }
    }

    /// <summary>The steps as they were given.</summary>
    public IReadOnlyList<AugmentationStep> Steps { get; }

    /// <summary>The shape of the results.</summary>
    /// <param name="input">The shape of the pictures: height x width x channels.</param>
    /// <exception cref="ArgumentException">They are no pictures, or a step cannot be used with such ones.</exception>
    public Shape OutputShape(Shape input)
    {
        if (input.Rank != 3)
        {
            throw new ArgumentException(
                $"Augmentation: the samples are {input}, expected pictures: height x width x channels.", nameof(input));
        }

        foreach (AugmentationStep step in _fused)
        {
            input = step.OutputShape(input);
        }

        return input;
    }

    /// <summary>Changes one picture.</summary>
    /// <param name="shape">Its shape: height x width x channels.</param>
    /// <param name="image">The picture; it is not changed.</param>
    /// <param name="result">Where the result goes, of <see cref="OutputShape"/>.</param>
    /// <param name="random">The random numbers of the sample, such as <see cref="SampleRandom.ForSample"/> gives.</param>
    /// <exception cref="ArgumentException">A span does not have the shape's number of values.</exception>
    public void Apply(Shape shape, ReadOnlySpan<float> image, Span<float> result, ref SampleRandom random)
    {
        Shape output = OutputShape(shape);
        if (image.Length != shape.ElementCount || result.Length != output.ElementCount)
        {
            throw new ArgumentException(
                $"Augmentation: {image.Length} values were given and {result.Length} are to be written;"
                + $" expected {shape.ElementCount} for {shape} and {output.ElementCount} for {output}.");
        }

        int largest = LargestSize(shape);
        float[] current = ArrayPool<float>.Shared.Rent(largest), other = ArrayPool<float>.Shared.Rent(largest);
        image.CopyTo(current);
        Apply(shape, current, other, result, ref random);
        ArrayPool<float>.Shared.Return(current);
        ArrayPool<float>.Shared.Return(other);
    }

    /// <summary>The number of values of the largest picture between two steps.</summary>
    internal int LargestSize(Shape input)
    {
        long largest = input.ElementCount;
        foreach (AugmentationStep step in _fused)
        {
            input = step.OutputShape(input);
            largest = Math.Max(largest, input.ElementCount);
        }

        return checked((int)largest);
    }

    /// <summary>Changes the picture in <paramref name="current"/>; both buffers are overwritten and have
    /// <see cref="LargestSize"/>.</summary>
    internal void Apply(Shape shape, Span<float> current, Span<float> other, Span<float> result, ref SampleRandom random)
    {
        foreach (AugmentationStep step in _fused)
        {
            Shape next = step.OutputShape(shape);
            if (step.Apply(shape, current[..(int)shape.ElementCount], other[..(int)next.ElementCount], ref random))
            {
                Span<float> written = other;
                other = current;
                current = written;
            }

            shape = next;
        }

        current[..result.Length].CopyTo(result);
    }
}
