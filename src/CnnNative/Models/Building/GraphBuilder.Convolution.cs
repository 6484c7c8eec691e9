// Layers with weights that are products: convolutions and fully connected layers.

using CnnNative.Models;
using CnnNative.Operators;

namespace CnnNative;

public sealed partial class GraphBuilder
{
    /// <summary>Adds a convolution with weights and bias of its own.</summary>
    /// <param name="x">Height x width x channels.</param>
    /// <param name="filters">Output channels.</param>
    /// <param name="kernel">Height and width of the filters.</param>
    /// <param name="padding">What is added around the input; nothing by default.</param>
    /// <param name="stride">Pixels from one window to the next; 1 by default.</param>
    /// <param name="dilation">Pixels between the taps of a filter; 1, which is none left out, by default.</param>
    /// <param name="groups">Groups of channels that do not see each other.</param>
    /// <param name="bias">Whether there is a bias; without one before a normalisation, which would take it away again.</param>
    /// <param name="activation">Applied afterwards, as a node of its own; none by default.</param>
    /// <param name="initializer">First weights; by default He's before a ReLU or its relatives, else Glorot's.</param>
    /// <param name="name">The name in the current scope; null for the next of conv1, conv2 ...</param>
    /// <returns>Height x width x filters.</returns>
    /// <exception cref="ShapeException">The input or options do not fit.</exception>
    public GraphValue Conv2d(
        GraphValue x, int filters, Size2d kernel, Padding padding = default, Size2d? stride = null, Size2d? dilation = null,
        int groups = 1, bool bias = true, Activation activation = default, Initializer? initializer = null, string? name = null)
    {
        Check(nameof(Conv2d), name, "filters", filters);
        Check(nameof(Conv2d), name, kernel);
        int channels = Channels(x);

        // Groups that do not divide the channels are the shape rule's to report, which knows the whole story.
        int channelsOfGroup = Math.Max(1, channels / Math.Max(1, groups));
        Shape weights = (filters, kernel.Height, kernel.Width, channelsOfGroup);
        GraphNode node = AddNode(
            "conv", name, new Conv2dOperator(new Conv2dAttributes(stride ?? 1, dilation ?? 1, padding, groups, default)), [x],
            [new NewParameter("weight", weights, ParameterRole.Weight, initializer), Bias(bias, filters)]);
        return Activate(node.Output, activation);
    }

    /// <summary>Adds a convolution with parameters that are given, so that several can share them.</summary>
    /// <param name="x">Height x width x channels.</param>
    /// <param name="weights">Filters x kernel height x kernel width x (channels / groups).</param>
    /// <param name="bias">One value for each filter; null for none.</param>
    /// <param name="padding">What is added around the input; nothing by default.</param>
    /// <param name="stride">Pixels from one window to the next; 1 by default.</param>
    /// <param name="dilation">Pixels between the taps of a filter; 1 by default.</param>
    /// <param name="groups">Groups of channels that do not see each other.</param>
    /// <param name="name">The name in the current scope; null for the next of conv1, conv2 ...</param>
    /// <returns>Height x width x filters.</returns>
    /// <exception cref="ShapeException">The input, the parameters or options do not fit.</exception>
    public GraphValue Conv2d(
        GraphValue x, GraphValue weights, GraphValue? bias = null, Padding padding = default, Size2d? stride = null,
        Size2d? dilation = null, int groups = 1, string? name = null)
    {
        Conv2dAttributes attributes = new(stride ?? 1, dilation ?? 1, padding, groups, default);
        return bias is null
            ? Node("conv", name, new Conv2dOperator(attributes), x, weights)
            : Node("conv", name, new Conv2dOperator(attributes), x, weights, bias);
    }

    /// <summary>Adds a convolution in which each channel is filtered by itself.</summary>
    /// <param name="x">Height x width x channels.</param>
    /// <param name="kernel">Height and width of the filters.</param>
    /// <param name="padding">What is added around the input; nothing by default.</param>
    /// <param name="stride">Pixels from one window to the next; 1 by default.</param>
    /// <param name="dilation">Pixels between the taps of a filter; 1 by default.</param>
    /// <param name="multiplier">Filters for each channel.</param>
    /// <param name="bias">Whether there is a bias.</param>
    /// <param name="activation">Applied afterwards, as a node of its own; none by default.</param>
    /// <param name="initializer">First weights; by default He's before a ReLU or its relatives, else Glorot's.</param>
    /// <param name="name">The name in the current scope; null for the next of depthwise1, depthwise2 ...</param>
    /// <returns>Height x width x (channels * multiplier).</returns>
    /// <exception cref="ShapeException">The input or options do not fit.</exception>
    public GraphValue DepthwiseConv2d(
        GraphValue x, Size2d kernel, Padding padding = default, Size2d? stride = null, Size2d? dilation = null,
        int multiplier = 1, bool bias = true, Activation activation = default, Initializer? initializer = null,
        string? name = null)
    {
        Check(nameof(DepthwiseConv2d), name, "multiplier", multiplier);
        int channels = Channels(x);
        return Conv2d(
            x, checked(channels * multiplier), kernel, padding, stride, dilation, channels, bias, activation, initializer,
            name ?? _names.Free("depthwise"));
    }

    /// <summary>Adds a depthwise convolution and a 1x1 convolution after it, in a scope of their own.</summary>
    /// <param name="x">Height x width x channels.</param>
    /// <param name="filters">Output channels.</param>
    /// <param name="kernel">Height and width of the depthwise filters.</param>
    /// <param name="padding">What is added around the input; nothing by default.</param>
    /// <param name="stride">Pixels from one window to the next; 1 by default.</param>
    /// <param name="dilation">Pixels between the taps of a filter; 1 by default.</param>
    /// <param name="multiplier">Depthwise filters for each channel.</param>
    /// <param name="bias">Whether the 1x1 convolution has a bias. A bias of the depthwise one would be none of its own.</param>
    /// <param name="activation">Applied afterwards, as a node of its own; none by default.</param>
    /// <param name="name">The name of the scope; null for the next of separable1, separable2 ...</param>
    /// <returns>Height x width x filters.</returns>
    /// <exception cref="ShapeException">The input or options do not fit.</exception>
    public GraphValue SeparableConv2d(
        GraphValue x, int filters, Size2d kernel, Padding padding = default, Size2d? stride = null, Size2d? dilation = null,
        int multiplier = 1, bool bias = true, Activation activation = default, string? name = null)
    {
        using (Scope(name ?? UniqueName("separable")))
        {
            x = DepthwiseConv2d(x, kernel, padding, stride, dilation, multiplier, bias: false, name: "depthwise");
            return Conv2d(x, filters, 1, bias: bias, activation: activation, name: "pointwise");
        }
    }

    /// <summary>Adds a transposed convolution, which makes pictures larger: height becomes (height - 1) * stride - padding +
    /// dilation * (kernel - 1) + 1 + output padding.</summary>
    /// <param name="x">Height x width x channels.</param>
    /// <param name="filters">Output channels.</param>
    /// <param name="kernel">Height and width of the filters.</param>
    /// <param name="padding">What the convolution that leads back adds around its input; nothing by default.</param>
    /// <param name="stride">How many times larger the picture becomes; 1 by default.</param>
    /// <param name="dilation">Pixels between the taps of a filter; 1 by default.</param>
    /// <param name="outputPadding">Rows below and columns to the right that are added to the output.</param>
    /// <param name="groups">Groups of channels that do not see each other.</param>
    /// <param name="bias">Whether there is a bias.</param>
    /// <param name="activation">Applied afterwards, as a node of its own; none by default.</param>
    /// <param name="initializer">First weights; by default He's before a ReLU or its relatives, else Glorot's.</param>
    /// <param name="name">The name in the current scope; null for the next of deconv1, deconv2 ...</param>
    /// <returns>Height x width x filters.</returns>
    /// <exception cref="ShapeException">The input or options do not fit.</exception>
    public GraphValue ConvTranspose2d(
        GraphValue x, int filters, Size2d kernel, Padding padding = default, Size2d? stride = null, Size2d? dilation = null,
        Size2d outputPadding = default, int groups = 1, bool bias = true, Activation activation = default,
        Initializer? initializer = null, string? name = null)
    {
        Check(nameof(ConvTranspose2d), name, "filters", filters);
        Check(nameof(ConvTranspose2d), name, kernel);
        if (groups < 1 || filters % groups != 0)
        {
            throw new ShapeException(
                $"{Called(nameof(ConvTranspose2d), name)}: {groups} groups do not divide {filters} filters (input {Spec(x)}).");
        }

        ConvTranspose2dAttributes attributes = new(stride ?? 1, dilation ?? 1, padding, outputPadding, groups, default);
        Shape weights = (Channels(x), kernel.Height, kernel.Width, filters / groups);
        GraphNode node = AddNode(
            "deconv", name, new ConvTranspose2dOperator(attributes), [x],
            [new NewParameter("weight", weights, ParameterRole.Weight, initializer), Bias(bias, filters)]);
        return Activate(node.Output, activation);
    }

    /// <summary>Adds a fully connected layer with weights and bias of its own.</summary>
    /// <param name="x">Features; flatten pictures before.</param>
    /// <param name="features">Output features.</param>
    /// <param name="bias">Whether there is a bias.</param>
    /// <param name="activation">Applied afterwards, as a node of its own; none by default.</param>
    /// <param name="initializer">First weights; by default He's before a ReLU or its relatives, else Glorot's.</param>
    /// <param name="name">The name in the current scope; null for the next of fc1, fc2 ...</param>
    /// <returns>The features.</returns>
    /// <exception cref="ShapeException">The input is not a row of features.</exception>
    public GraphValue Linear(
        GraphValue x, int features, bool bias = true, Activation activation = default, Initializer? initializer = null,
        string? name = null)
    {
        Check(nameof(Linear), name, "features", features);
        GraphNode node = AddNode(
            "fc", name, new LinearOperator(), [x],
            [new NewParameter("weight", (features, Channels(x)), ParameterRole.Weight, initializer), Bias(bias, features)]);
        return Activate(node.Output, activation);
    }

    /// <summary>Adds a fully connected layer with parameters that are given, so that several can share them.</summary>
    /// <param name="x">Features; flatten pictures before.</param>
    /// <param name="weights">Output features x input features.</param>
    /// <param name="bias">One value for each output feature; null for none.</param>
    /// <param name="name">The name in the current scope; null for the next of fc1, fc2 ...</param>
    /// <returns>The features.</returns>
    /// <exception cref="ShapeException">The input or the parameters do not fit.</exception>
    public GraphValue Linear(GraphValue x, GraphValue weights, GraphValue? bias = null, string? name = null) => bias is null
        ? Node("fc", name, new LinearOperator(), x, weights)
        : Node("fc", name, new LinearOperator(), x, weights, bias);

    private static NewParameter? Bias(bool isThere, int channels) =>
        isThere ? new NewParameter("bias", channels, ParameterRole.Bias, Initializer.Zeros) : null;

    private static void Check(string operation, string? name, string what, int value)
    {
        if (value < 1)
        {
            throw new ShapeException($"{Called(operation, name)}: {what} is {value}, expected at least 1.");
        }
    }

    private static void Check(string operation, string? name, Size2d kernel)
    {
        if (kernel.Height < 1 || kernel.Width < 1)
        {
            throw new ShapeException($"{Called(operation, name)}: the kernel is {kernel}, expected at least 1x1.");
        }
    }

    private static string Called(string operation, string? name) => name is null ? operation : $"{operation} '{name}'";

    private int Channels(GraphValue x) => Spec(x).Shape[^1];
}
