// Losses of single elements in double precision. Each loss is a function that gives value and slope together; the loop is
// compiled for each of them, so that the choice is made once.

namespace CnnNative.Kernels.Managed;

internal static class ManagedLoss
{
    /// <summary>A loss of one element; the weight is that of the positive class.</summary>
    private interface IElementLoss
    {
        double Value(double x, double target, double weight, out double slope);
    }

    /// <summary>The loss and, unless its span is empty, the gradient, which may be the prediction. An empty span of weights
    /// stands for ones.</summary>
    public static double Run(
        in LossFunction loss, ReadOnlySpan<float> prediction, ReadOnlySpan<float> target, ReadOnlySpan<float> weights,
        Span<float> gradient)
    {
        double scale = loss.Reduction == LossReduction.Mean ? 1.0 / prediction.Length : 1;
        double total = loss.Kind switch
        {
            LossKind.BinaryCrossEntropyWithLogits =>
                Run(default(BinaryCrossEntropy), scale, prediction, target, weights, gradient),
            LossKind.MeanSquaredError => Run(default(SquaredError), scale, prediction, target, weights, gradient),
            LossKind.AbsoluteError => Run(default(AbsoluteError), scale, prediction, target, weights, gradient),
            LossKind.Huber => Run(new Huber(loss.Delta), scale, prediction, target, weights, gradient),
            LossKind.Focal => Run(new Focal(loss.Gamma, loss.Alpha), scale, prediction, target, weights, gradient),
            _ => throw new ArgumentException($"Loss: kind is {loss.Kind}, expected a value of LossKind.", nameof(loss)),
        };
        return total * scale;
    }

    private static double Run<TLoss>(
        TLoss loss, double scale, ReadOnlySpan<float> prediction, ReadOnlySpan<float> target, ReadOnlySpan<float> weights,
        Span<float> gradient)
        where TLoss : struct, IElementLoss
    {
        double total = 0;
        int channel = 0;
        for (int i = 0; i < prediction.Length; i++)
        {
            double weight = 1;
            if (!weights.IsEmpty)
            {
                weight = weights[channel];
                channel = channel + 1 == weights.Length ? 0 : channel + 1;
            }

            total += loss.Value(prediction[i], target[i], weight, out double slope);
            if (!gradient.IsEmpty)
                gradient[i] = (float)(slope * scale);
        }

        return total;
    }

    /// <summary>softplus(x) = -log(1 - p) and softplus(-x) = -log(p), which do not cancel.</summary>
    private readonly struct BinaryCrossEntropy : IElementLoss
    {
        public double Value(double x, double target, double weight, out double slope)
        {
            slope = (1 - target) * SpecialFunctions.Sigmoid(x) - weight * target * SpecialFunctions.Sigmoid(-x);
            return (1 - target) * SpecialFunctions.Softplus(x) + weight * target * SpecialFunctions.Softplus(-x);
        }
    }

    private readonly struct SquaredError : IElementLoss
    {
        public double Value(double x, double target, double weight, out double slope)
        {
            double difference = x - target;
            slope = 2 * difference;
            return difference * difference;
        }
    }

    private readonly struct AbsoluteError : IElementLoss
    {
        public double Value(double x, double target, double weight, out double slope)
        {
            double difference = x - target;
            slope = difference > 0 ? 1 : difference < 0 ? -1 : difference;
            return Math.Abs(difference);
        }
    }

    private readonly struct Huber(double delta) : IElementLoss
    {
        public double Value(double x, double target, double weight, out double slope)
        {
            double difference = x - target, distance = Math.Abs(difference);
            slope = Math.Clamp(difference, -delta, delta);
            return distance > delta ? delta * (distance - delta / 2) : difference * difference / 2;
        }
    }

    /// <summary>The derivative of m is (1 - 2 t) p (1 - p), and that of the cross-entropy p - t. m is kept above 0, where its
    /// power of gamma - 1 may be infinite.</summary>
    private readonly struct Focal(double gamma, double alpha) : IElementLoss
    {
        private const double SmallestMiss = 1e-37;

        public double Value(double x, double target, double weight, out double slope)
        {
            double p = SpecialFunctions.Sigmoid(x), q = SpecialFunctions.Sigmoid(-x);
            double entropy = (1 - target) * SpecialFunctions.Softplus(x) + target * SpecialFunctions.Softplus(-x);
            double miss = Math.Max(p * (1 - target) + q * target, SmallestMiss), power = Math.Pow(miss, gamma);
            double factor = alpha < 0 ? 1 : alpha * target + (1 - alpha) * (1 - target);
            double missSlope = (1 - 2 * target) * p * q, entropySlope = p * (1 - target) - q * target;
            slope = factor * (gamma * Math.Pow(miss, gamma - 1) * missSlope * entropy + power * entropySlope);
            return factor * power * entropy;
        }
    }
}
