// Activations. One method does the work; the others save writing.

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

    private static string KindOf(Activation activation) =>
        activation == Activation.Relu6 ? "relu6" : activation.Kind.ToString().ToLowerInvariant();
}
