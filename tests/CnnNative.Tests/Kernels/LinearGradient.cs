// The check of a gradient of a function that is linear, or linear but for a constant: its differences are exact for any step, so
// the response to one element of the input, from -1 to 1, is the slope.

namespace CnnNative.Tests.Kernels;

internal static class LinearGradient
{
    /// <summary>The gradient is the sum, over the outputs, of the upstream gradient times the function's difference.</summary>
    public static void IsDifference(
        Shape inputShape, Shape outputShape, Action<Tensor, Tensor> function, Action<Tensor, Tensor> backward, string what)
    {
        using Tensor input = Tensor.Zeros(inputShape), upstream = KernelPair.Values(outputShape, 7);
        using Tensor high = KernelPair.Unwritten(outputShape), low = KernelPair.Unwritten(outputShape);
        using Tensor gradient = KernelPair.Unwritten(inputShape), expected = KernelPair.Unwritten(inputShape);
        backward(upstream, gradient);
        float[] place = input.ToArray(), slopes = expected.ToArray(), dy = upstream.ToArray();
        for (int i = 0; i < place.Length; i++)
        {
            place[i] = 1;
            input.CopyFrom(place);
            function(input, high);
            place[i] = -1;
            input.CopyFrom(place);
            function(input, low);
            place[i] = 0;
            double slope = 0;
            float[] above = high.ToArray(), below = low.ToArray();
            for (int o = 0; o < dy.Length; o++)
                slope += dy[o] * ((double)above[o] - below[o]) / 2;
            slopes[i] = (float)slope;
        }

        expected.CopyFrom(slopes);

        // Each response is rounded to float32 once, and so is the gradient; upstream gradients are at most 1.
        KernelPair.AreClose(expected, gradient, dy.Length * KernelPair.Epsilon, KernelPair.Epsilon, what);
    }
}
