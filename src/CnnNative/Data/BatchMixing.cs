// Mixing pictures of a batch with one another and their labels with them. Sample i is paired with the i-th from the end: the
// batch was drawn at random, so this is as good as a permutation, and a pair can be mixed in place.

namespace CnnNative;

/// <summary>Mixes the pictures and the labels of each batch. Class labels become rows of one probability per class.</summary>
public abstract class BatchMixing
{
    private protected BatchMixing()
    {
    }

    /// <summary>The schema after mixing: labels become a row of probabilities for the classes.</summary>
    internal DataSchema SchemaAfter(DataSchema schema)
    {
        if (schema.ClassNames is null || schema.Targets.Count != 1 || schema.Inputs.Count != 1)
        {
            throw new ArgumentException(
                $"Mixing: the samples are {schema}, expected one input and a class label with class names.");
        }

        CheckImage(schema.Inputs[0].Shape);
        DataField target = schema.Targets[0] with { Shape = schema.ClassNames.Count };
        return new DataSchema(schema.Inputs, [target]);
    }

    /// <summary>Mixes a batch whose labels were read apart, and writes its targets.</summary>
    internal void Mix(Batch batch, DataSchema schema, ReadOnlySpan<float> labels, ref SampleRandom random)
    {
        float own = MixImages(batch.FirstInput(), schema.Inputs[0].Shape, batch.Count, ref random);
        ISampleRows rows = batch;
        for (int i = 0; i < batch.Count; i++)
        {
            Span<float> target = rows.TargetRow(0, i);
            target.Clear();
            target[(int)labels[i]] += own;
            target[(int)labels[batch.Count - 1 - i]] += 1 - own;
        }
    }

    internal virtual void CheckImage(Shape image)
    {
    }

    /// <summary>Mixes each of <paramref name="count"/> pictures with its partner; returns the share that each keeps of
    /// itself.</summary>
    internal abstract float MixImages(Span<float> images, Shape image, int count, ref SampleRandom random);
}

/// <summary>Weighted sums of two pictures (Zhang, Cisse, Dauphin and Lopez-Paz 2018); the weight is drawn once per
/// batch.</summary>
public sealed class MixUp : BatchMixing
{
    private readonly double _alpha;

    /// <summary>Makes the transform.</summary>
    /// <param name="alpha">The weights follow Beta(alpha, alpha): below 1 most batches are hardly mixed. Above 0.</param>
    public MixUp(double alpha = 0.2)
    {
        BetaDistribution.Check(alpha);
        _alpha = alpha;
    }

    internal override float MixImages(Span<float> images, Shape image, int count, ref SampleRandom random)
    {
        float own = (float)BetaDistribution.Draw(_alpha, ref random), others = 1 - own;
        int size = (int)image.ElementCount;
        for (int i = 0; i < count / 2; i++)
        {
            Span<float> first = images.Slice(i * size, size), second = images.Slice((count - 1 - i) * size, size);
            for (int j = 0; j < first.Length; j++)
            {
                float a = first[j], b = second[j];
                first[j] = own * a + others * b;
                second[j] = own * b + others * a;
            }
        }

        return own;
    }
}

/// <summary>A rectangle of one picture in another (Yun et al. 2019); its place and size are drawn once per batch, and the labels
/// are weighted by area.</summary>
public sealed class CutMix : BatchMixing
{
    private readonly double _alpha;

    /// <summary>Makes the transform.</summary>
    /// <param name="alpha">The area that a picture keeps follows Beta(alpha, alpha), before the rectangle is cut at the edges.
    /// Above 0.</param>
    public CutMix(double alpha = 1)
    {
        BetaDistribution.Check(alpha);
        _alpha = alpha;
    }

    internal override void CheckImage(Shape image)
    {
        if (image.Rank != 3)
        {
            throw new ArgumentException($"CutMix: the samples are {image}, expected pictures: height x width x channels.");
        }
    }

    internal override float MixImages(Span<float> images, Shape image, int count, ref SampleRandom random)
    {
        int height = image[0], width = image[1], channels = image[2], size = (int)image.ElementCount;
        double side = Math.Sqrt(1 - BetaDistribution.Draw(_alpha, ref random));
        (int top, int bottom) = Interval(height, side, ref random);
        (int left, int right) = Interval(width, side, ref random);
        for (int i = 0; i < count / 2; i++)
        {
            Span<float> first = images.Slice(i * size, size), second = images.Slice((count - 1 - i) * size, size);
            for (int y = top; y < bottom; y++)
            {
                for (int j = (y * width + left) * channels; j < (y * width + right) * channels; j++)
                {
                    (first[j], second[j]) = (second[j], first[j]);
                }
            }
        }

        return 1 - (float)((bottom - top) * (right - left)) / (height * width);
    }

    /// <summary>The part of an interval around a random middle that lies within the picture.</summary>
    private static (int Start, int End) Interval(int length, double side, ref SampleRandom random)
    {
        int cut = (int)(length * side), start = random.NextInt(length) - cut / 2;
        return (Math.Max(start, 0), Math.Min(start + cut, length));
    }
}

/// <summary>One of several ways to mix, drawn for each batch.</summary>
public sealed class OneOfMixing : BatchMixing
{
    private readonly BatchMixing[] _choices;

    /// <summary>Makes the transform.</summary>
    /// <param name="choices">The ways, all as likely; at least one.</param>
    public OneOfMixing(params ReadOnlySpan<BatchMixing> choices)
    {
        if (choices.IsEmpty)
        {
            throw new ArgumentException("OneOfMixing: there is nothing to choose from, expected at least one way to mix.");
        }

        _choices = choices.ToArray();
    }

    internal override void CheckImage(Shape image)
    {
        foreach (BatchMixing choice in _choices)
        {
            choice.CheckImage(image);
        }
    }

    internal override float MixImages(Span<float> images, Shape image, int count, ref SampleRandom random)
    {
        BatchMixing chosen = _choices[random.NextInt(_choices.Length)];
        return chosen.MixImages(images, image, count, ref random);
    }
}
