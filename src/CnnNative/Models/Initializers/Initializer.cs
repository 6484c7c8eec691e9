// First weights as values: a layer says which it wants, and whoever builds the model applies it with a seed. Nothing here keeps
// state, so the same seed gives the same weights, wherever and with however many threads.

using CnnNative.Kernels;

namespace CnnNative;

/// <summary>A way to fill weights before training.</summary>
/// <remarks>Immutable, compared by value, safe to use from several threads. The random numbers are those of Philox4x32-10, so
/// that the same seed and stream give the same bits from native and managed kernels, on any processor and for any number of
/// threads.</remarks>
public abstract record Initializer
{
    private protected Initializer()
    {
    }

    /// <summary>Every weight is 0: for biases.</summary>
    public static Initializer Zeros { get; } = new ConstantInitializer(0);

    /// <summary>Every weight is 1: for the scale of a normalisation.</summary>
    public static Initializer Ones { get; } = new ConstantInitializer(1);

    /// <summary>Every weight is the same.</summary>
    /// <param name="value">The value.</param>
    public static Initializer Constant(float value) => new ConstantInitializer(value);

    /// <summary>Equally likely values between two limits.</summary>
    /// <param name="low">The lower limit.</param>
    /// <param name="high">The upper limit, at least the lower one; rounding may give it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limits are not finite or in the wrong order.</exception>
    public static Initializer Uniform(float low = -0.05f, float high = 0.05f)
    {
        CheckFinite(low, nameof(low));
        CheckFinite(high, nameof(high));
        ArgumentOutOfRangeException.ThrowIfLessThan(high, low);
        return new UniformInitializer(low, high);
    }

    /// <summary>Values of a normal distribution.</summary>
    /// <param name="mean">The mean.</param>
    /// <param name="deviation">The standard deviation, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not finite, or the deviation is negative.</exception>
    public static Initializer Normal(float mean = 0, float deviation = 0.05f)
    {
        CheckFinite(mean, nameof(mean));
        CheckFinite(deviation, nameof(deviation));
        ArgumentOutOfRangeException.ThrowIfNegative(deviation);
        return new NormalInitializer(mean, deviation);
    }

    /// <summary>Values of a normal distribution, drawn again where they are more than two deviations from the mean.</summary>
    /// <param name="mean">The mean.</param>
    /// <param name="deviation">The standard deviation before anything is drawn again, at least 0; that of the weights is 0.8796
    /// times as large.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not finite, or the deviation is negative.</exception>
    public static Initializer TruncatedNormal(float mean = 0, float deviation = 0.05f)
    {
        CheckFinite(mean, nameof(mean));
        CheckFinite(deviation, nameof(deviation));
        ArgumentOutOfRangeException.ThrowIfNegative(deviation);
        return new TruncatedNormalInitializer(mean, deviation);
    }

    /// <summary>Normal with the variance 2 / ((1 + negativeSlope^2) fan), for layers before a ReLU (He et al. 2015).</summary>
    /// <param name="mode">Which fan.</param>
    /// <param name="negativeSlope">The slope of a leaky ReLU below 0; 0 for a ReLU.</param>
    /// <exception cref="ArgumentOutOfRangeException">The slope is not finite.</exception>
    public static Initializer HeNormal(FanMode mode = FanMode.Input, double negativeSlope = 0) =>
        new ScaledInitializer(FanShareOf(mode), HeScale(negativeSlope), IsUniform: false);

    /// <summary>Uniform with the variance 2 / ((1 + negativeSlope^2) fan), which is that of limits of sqrt(6 / ((1 +
    /// negativeSlope^2) fan)) (He et al. 2015). With a slope of sqrt(5), it is what PyTorch's layers start with.</summary>
    /// <param name="mode">Which fan.</param>
    /// <param name="negativeSlope">The slope of a leaky ReLU below 0; 0 for a ReLU.</param>
    /// <exception cref="ArgumentOutOfRangeException">The slope is not finite.</exception>
    public static Initializer HeUniform(FanMode mode = FanMode.Input, double negativeSlope = 0) =>
        new ScaledInitializer(FanShareOf(mode), HeScale(negativeSlope), IsUniform: true);

    /// <summary>Normal with the variance gain^2 2 / (input fan + output fan), for layers before a tanh or sigmoid (Glorot and
    /// Bengio 2010).</summary>
    /// <param name="gain">Multiplies the weights.</param>
    /// <exception cref="ArgumentOutOfRangeException">The gain is not finite.</exception>
    public static Initializer GlorotNormal(double gain = 1) =>
        new ScaledInitializer(FanShare.Mean, GlorotScale(gain), IsUniform: false);

    /// <summary>Uniform with the variance gain^2 2 / (input fan + output fan) (Glorot and Bengio 2010).</summary>
    /// <param name="gain">Multiplies the weights.</param>
    /// <exception cref="ArgumentOutOfRangeException">The gain is not finite.</exception>
    public static Initializer GlorotUniform(double gain = 1) =>
        new ScaledInitializer(FanShare.Mean, GlorotScale(gain), IsUniform: true);

    /// <summary>Weights whose rows, or columns where there are fewer of them, are at right angles and have the length
    /// <paramref name="gain"/> (Saxe et al. 2014). Rows are the outermost dimension, columns all others together.</summary>
    /// <param name="gain">The length of each; sqrt(2) before a ReLU.</param>
    /// <exception cref="ArgumentOutOfRangeException">The gain is not finite.</exception>
    public static Initializer Orthogonal(double gain = 1)
    {
        CheckFinite(gain, nameof(gain));
        return new OrthogonalInitializer(gain);
    }

    /// <summary>Fills weights.</summary>
    /// <param name="weights">The weights, all of which are overwritten.</param>
    /// <param name="fan">The connections of the layer's units; see <see cref="Fan.OfConv2d"/> and <see cref="Fan.OfLinear"/>.
    /// Only He's and Glorot's weights depend on it.</param>
    /// <param name="seed">The seed of the model.</param>
    /// <param name="stream">Which of the seed's streams of random numbers: one for each tensor of a model, such as its
    /// position.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default, and without the native library the managed
    /// kernels.</param>
    /// <exception cref="ArgumentOutOfRangeException">A fan is below 1.</exception>
    public void Apply(Tensor weights, Fan fan, ulong seed, ulong stream = 0, ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (fan.Input < 1 || fan.Output < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(fan), $"Initializer: the fan is {fan.Input} in and {fan.Output} out, expected at least 1 each.");
        }

        Fill((context ?? ComputeContext.Setup).Kernels, weights, fan, RandomStreams.Of(seed, stream));
    }

    /// <summary>Fills weights; see <see cref="Apply(Tensor, Fan, ulong, ulong, ComputeContext?)"/>.</summary>
    /// <param name="weights">The weights, all of which are overwritten.</param>
    /// <param name="fanIn">Connections that lead into a unit.</param>
    /// <param name="fanOut">Connections that lead out of a unit.</param>
    /// <param name="seed">The seed of the model.</param>
    /// <param name="stream">Which of the seed's streams of random numbers.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default, and without the native library the managed
    /// kernels.</param>
    /// <exception cref="ArgumentOutOfRangeException">A fan is below 1.</exception>
    public void Apply(
        Tensor weights, int fanIn, int fanOut, ulong seed, ulong stream = 0, ComputeContext? context = null) =>
        Apply(weights, new Fan(fanIn, fanOut), seed, stream, context);

    private protected abstract void Fill(IKernels kernels, Tensor weights, Fan fan, RandomSequence sequence);

    private static FanShare FanShareOf(FanMode mode) => mode switch
    {
        FanMode.Input => FanShare.Input,
        FanMode.Output => FanShare.Output,
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Expected Input or Output."),
    };

    private static double HeScale(double negativeSlope)
    {
        CheckFinite(negativeSlope, nameof(negativeSlope));
        return 2 / (1 + negativeSlope * negativeSlope);
    }

    private static double GlorotScale(double gain)
    {
        CheckFinite(gain, nameof(gain));
        return gain * gain;
    }

    private static void CheckFinite(double value, string name)
    {
        if (!double.IsFinite(value))
            throw new ArgumentOutOfRangeException(name, value, "Expected a finite number.");
    }
}
