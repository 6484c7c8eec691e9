// What is applied element by element: activations, of which one method does the work and the others save writing, and dropout.

using CnnNative.Models;
using CnnNative.Operators;

namespace CnnNative;

public sealed partial class GraphBuilder
{
    /// <summary>Adds an activation; none adds nothing.</summary>
    /// <param name="x">A value of any shape.</param>
    /// <param name="activation">Which function.</param>
    /// <param name="name">The name in the current scope; null for the next of the function's, such as relu1.</param>
    /// <returns>A value of the same shape.</returns>
    /// <exception cref="ArgumentException">The activation is not one of <see cref="ActivationKind"/>.</exception>
    public GraphValue Activate(GraphValue x, Activation activation, string? name = null)
    {
        if (!Enum.IsDefined(activation.Kind))
        {
            throw new ArgumentException(
                $"Activate: kind is {activation.Kind}, expected a value of ActivationKind.", nameof(activation));
        }

        return activation.Kind == ActivationKind.None ? x : Node(KindOf(activation), name, new ActivationOperator(activation), x);
    }

    /// <summary>Adds max(0, x).</summary>
    /// <param name="x">A value of any shape.</param>
    /// <param name="name">The name in the current scope; null for the next of relu1, relu2 ...</param>
    public GraphValue Relu(GraphValue x, string? name = null) => Activate(x, Activation.Relu, name);

    /// <summary>Adds x for x &gt;= 0, else slope x.</summary>
    /// <param name="x">A value of any shape.</param>
    /// <param name="slope">The slope of the negative side.</param>
    /// <param name="name">The name in the current scope; null for the next of leakyrelu1, leakyrelu2 ...</param>
    public GraphValue LeakyRelu(GraphValue x, float slope = 0.01f, string? name = null) =>
        Activate(x, Activation.LeakyRelu(slope), name);

    /// <summary>Adds the hyperbolic tangent.</summary>
    /// <param name="x">A value of any shape.</param>
    /// <param name="name">The name in the current scope; null for the next of tanh1, tanh2 ...</param>
    public GraphValue Tanh(GraphValue x, string? name = null) => Activate(x, Activation.Tanh, name);

    /// <summary>Adds 1 / (1 + exp(-x)).</summary>
    /// <param name="x">A value of any shape.</param>
    /// <param name="name">The name in the current scope; null for the next of sigmoid1, sigmoid2 ...</param>
    public GraphValue Sigmoid(GraphValue x, string? name = null) => Activate(x, Activation.Sigmoid, name);

    /// <summary>Adds x for x &gt;= 0, else a slope that is learned times x (He et al. 2015).</summary>
    /// <param name="x">A value of any shape; channels are its innermost dimension.</param>
    /// <param name="shared">Whether one slope serves all channels, as PyTorch has it by default; else each has its own, as in the
    /// paper.</param>
    /// <param name="slope">The first value of the slopes.</param>
    /// <param name="name">The name in the current scope; null for the next of prelu1, prelu2 ...</param>
    public GraphValue PRelu(GraphValue x, bool shared = false, float slope = 0.25f, string? name = null)
    {
        // A slope is no weight to decay: that would turn it into a plain ReLU.
        NewParameter slopes = new("slope", shared ? 1 : Channels(x), ParameterRole.Bias, Initializer.Constant(slope));
        return AddNode("prelu", name, PReluOperator.Instance, [x], [slopes]).Output;
    }

    /// <summary>Adds softmax over the channels: positive numbers that sum to 1. A classifier that is trained with cross-entropy
    /// ends without one, because the loss has it inside.</summary>
    /// <param name="x">A value of any shape; channels are its innermost dimension.</param>
    /// <param name="name">The name in the current scope; null for the next of softmax1, softmax2 ...</param>
    public GraphValue Softmax(GraphValue x, string? name = null) => Node("softmax", name, SoftmaxOperator.Softmax, x);

    /// <summary>Adds the logarithm of softmax over the channels.</summary>
    /// <param name="x">A value of any shape; channels are its innermost dimension.</param>
    /// <param name="name">The name in the current scope; null for the next of logsoftmax1, logsoftmax2 ...</param>
    public GraphValue LogSoftmax(GraphValue x, string? name = null) => Node("logsoftmax", name, SoftmaxOperator.LogSoftmax, x);

    /// <summary>Adds dropout: in training, elements become 0 at random and the others are scaled up; in predictions nothing
    /// happens.</summary>
    /// <param name="x">A value of any shape.</param>
    /// <param name="probability">How likely an element is dropped; at least 0 and less than 1.</param>
    /// <param name="name">The name in the current scope; null for the next of dropout1, dropout2 ...</param>
    public GraphValue Dropout(GraphValue x, float probability = 0.5f, string? name = null) =>
        Node("dropout", name, new DropoutOperator(probability), x);

    /// <summary>Adds dropout of whole channels.</summary>
    /// <param name="x">Dimensions of pixels, and channels innermost.</param>
    /// <param name="probability">How likely a channel of a sample is dropped; at least 0 and less than 1.</param>
    /// <param name="name">The name in the current scope; null for the next of dropout1, dropout2 ...</param>
    public GraphValue SpatialDropout(GraphValue x, float probability = 0.5f, string? name = null) =>
        Node("dropout", name, new DropoutOperator(probability, spatial: true), x);

    private static string KindOf(Activation activation) =>
        activation == Activation.Relu6 ? "relu6" : activation.Kind.ToString().ToLowerInvariant();
}
