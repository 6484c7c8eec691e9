// What is applied element by element, as descriptions: a name for each function, because networks are read as lists of names.

namespace CnnNative;

/// <summary>An activation, element by element; what the layers of single functions derive from.</summary>
/// <param name="activation">Which function.</param>
public class ActivationLayer(Activation activation) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.Activate(x, activation, Name);
    }
}

/// <summary>max(0, x).</summary>
public sealed class Relu() : ActivationLayer(Activation.Relu);

/// <summary>min(max(x, 0), 6), which MobileNet uses.</summary>
public sealed class Relu6() : ActivationLayer(Activation.Relu6);

/// <summary>The hyperbolic tangent.</summary>
public sealed class Tanh() : ActivationLayer(Activation.Tanh);

/// <summary>1 / (1 + exp(-x)).</summary>
public sealed class Sigmoid() : ActivationLayer(Activation.Sigmoid);

/// <summary>The self-normalising SELU (Klambauer et al. 2017).</summary>
public sealed class Selu() : ActivationLayer(Activation.Selu);

/// <summary>The Gaussian error linear unit, in its exact form (Hendrycks and Gimpel 2016).</summary>
public sealed class Gelu() : ActivationLayer(Activation.Gelu);

/// <summary>x sigmoid(x), also called swish.</summary>
public sealed class Silu() : ActivationLayer(Activation.Silu);

/// <summary>The piecewise approximation of SiLU that MobileNetV3 uses.</summary>
public sealed class HardSwish() : ActivationLayer(Activation.HardSwish);

/// <summary>x tanh(log(1 + exp(x))).</summary>
public sealed class Mish() : ActivationLayer(Activation.Mish);

/// <summary>log(1 + exp(x)), a smooth ReLU.</summary>
public sealed class Softplus() : ActivationLayer(Activation.Softplus);

/// <summary>x for x &gt;= 0, else slope x.</summary>
/// <param name="slope">The slope of the negative side.</param>
public sealed class LeakyRelu(float slope = 0.01f) : ActivationLayer(Activation.LeakyRelu(slope));

/// <summary>x for x &gt;= 0, else alpha (exp(x) - 1).</summary>
/// <param name="alpha">The value that large negative inputs approach, negated.</param>
public sealed class Elu(float alpha = 1f) : ActivationLayer(Activation.Elu(alpha));

/// <summary>min(max(alpha x + beta, 0), 1), with PyTorch's defaults.</summary>
/// <param name="alpha">The slope between 0 and 1.</param>
/// <param name="beta">The value at 0.</param>
public sealed class HardSigmoid(float alpha = 1f / 6f, float beta = 0.5f) : ActivationLayer(Activation.HardSigmoid(alpha, beta));

/// <summary>min(max(x, low), high).</summary>
/// <param name="low">The smallest result.</param>
/// <param name="high">The largest result.</param>
public sealed class Clip(float low, float high) : ActivationLayer(Activation.Clip(low, high));

/// <summary>x for x &gt;= 0, else a slope that is learned times x.</summary>
/// <param name="shared">Whether one slope serves all channels; else each has its own.</param>
/// <param name="slope">The first value of the slopes.</param>
public sealed class PRelu(bool shared = false, float slope = 0.25f) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.PRelu(x, shared, slope, Name);
    }
}

/// <summary>Softmax over the channels. A classifier that is trained with cross-entropy ends without one, because the loss has it
/// inside.</summary>
public sealed class Softmax : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.Softmax(x, Name);
    }
}

/// <summary>The logarithm of softmax over the channels.</summary>
public sealed class LogSoftmax : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.LogSoftmax(x, Name);
    }
}

/// <summary>In training, sets elements to 0 at random and scales the others up.</summary>
/// <param name="probability">How likely an element is dropped; at least 0 and less than 1.</param>
public sealed class Dropout(float probability = 0.5f) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.Dropout(x, probability, Name);
    }
}

/// <summary>In training, sets whole channels to 0 at random and scales the others up.</summary>
/// <param name="probability">How likely a channel of a sample is dropped; at least 0 and less than 1.</param>
public sealed class SpatialDropout(float probability = 0.5f) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.SpatialDropout(x, probability, Name);
    }
}
