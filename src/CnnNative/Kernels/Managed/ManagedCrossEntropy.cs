// Softmax and cross-entropy in one, in double precision: the logarithm of softmax needs no division and no exponential of a
// large number, and the gradient is softmax less the target.

namespace CnnNative.Kernels.Managed;

internal static class ManagedCrossEntropy
{
    /// <summary>The loss against one label for each row. An empty span of weights stands for ones, and of the gradient for none
    /// wanted; the gradient may be the logits.</summary>
    public static double Run(
        in CrossEntropyOptions options, int classes, ReadOnlySpan<float> logits, ReadOnlySpan<int> labels,
        ReadOnlySpan<float> weights, Span<float> gradient)
    {
        double divisor = SumOfWeights(in options, classes, labels, weights), total = 0;
        double scale = ScaleOf(options.Reduction, divisor);
        for (int row = 0; row < labels.Length; row++)
        {
            Span<float> slopes = gradient.IsEmpty ? gradient : gradient.Slice(row * classes, classes);
            ReadOnlySpan<float> inputs = logits.Slice(row * classes, classes);
            if (labels[row] == options.IgnoreIndex)
                slopes.Clear();
            else
                total += Row(options.LabelSmoothing, scale, inputs, labels[row], [], weights, slopes);
        }

        return total * scale;
    }

    /// <summary>The loss against a row of targets for each row; spans as in <see cref="Run"/>.</summary>
    public static double RunSoft(
        in CrossEntropyOptions options, int classes, ReadOnlySpan<float> logits, ReadOnlySpan<float> targets,
        ReadOnlySpan<float> weights, Span<float> gradient)
    {
        int rows = logits.Length / classes;
        double scale = ScaleOf(options.Reduction, rows), total = 0;
        for (int start = 0; start < logits.Length; start += classes)
        {
            total += Row(
                options.LabelSmoothing, scale, logits.Slice(start, classes), label: -1, targets.Slice(start, classes), weights,
                gradient.IsEmpty ? gradient : gradient.Slice(start, classes));
        }

        return total * scale;
    }

    private static double ScaleOf(LossReduction reduction, double divisor) =>
        reduction == LossReduction.Sum ? 1 : divisor > 0 ? 1 / divisor : 0;

    /// <summary>What the mean divides by; looks at all labels before anything is written.</summary>
    private static double SumOfWeights(
        in CrossEntropyOptions options, int classes, ReadOnlySpan<int> labels, ReadOnlySpan<float> weights)
    {
        double sum = 0;
        for (int row = 0; row < labels.Length; row++)
        {
            int label = labels[row];
            if (label == options.IgnoreIndex)
                continue;
            if ((uint)label >= (uint)classes)
            {
                throw new ArgumentException(
                    $"CrossEntropy: label {row} is {label}, expected a class below {classes} or the ignored label, which is " +
                    $"{options.IgnoreIndex}.");
            }

            sum += weights.IsEmpty ? 1 : weights[label];
        }

        return sum;
    }

    /// <summary>With a[c] = weight times smoothed target: loss = sum of a[c] (log-sum-exp - logit), and the gradient is
    /// softmax times the sum of a, less a.</summary>
    private static double Row(
        double smoothing, double scale, ReadOnlySpan<float> logits, int label, ReadOnlySpan<float> targets,
        ReadOnlySpan<float> weights, Span<float> gradient)
    {
        double maximum = double.NegativeInfinity, sum = 0, loss = 0, all = 0;
        foreach (float logit in logits)
            maximum = Math.Max(maximum, logit);
        foreach (float logit in logits)
            sum += Math.Exp(logit - maximum);

        double logarithm = Math.Log(sum);
        for (int c = 0; c < logits.Length; c++)
        {
            double coefficient = Coefficient(smoothing, logits.Length, label, targets, weights, c);
            all += coefficient;
            if (coefficient != 0)
                loss += coefficient * (logarithm - (logits[c] - maximum));
        }

        for (int c = 0; c < gradient.Length; c++)
        {
            double share = Math.Exp(logits[c] - maximum) / sum * all;
            gradient[c] = (float)(scale * (share - Coefficient(smoothing, logits.Length, label, targets, weights, c)));
        }

        return loss;
    }

    private static double Coefficient(
        double smoothing, int classes, int label, ReadOnlySpan<float> targets, ReadOnlySpan<float> weights, int c)
    {
        double target = targets.IsEmpty ? (c == label ? 1 : 0) : targets[c];
        return (weights.IsEmpty ? 1 : weights[c]) * ((1 - smoothing) * target + smoothing / classes);
    }
}
