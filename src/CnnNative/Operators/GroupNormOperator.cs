// Group normalisation as a node of a graph, and instance normalisation, which is one with a group for each channel.
// Sources: Wu and He 2018, "Group normalization"; Ulyanov et al. 2016, "Instance normalization".

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>The options of group normalisation. With 0 groups each channel is one of its own.</summary>
internal readonly record struct GroupNormAttributes(int Groups, float Epsilon = 1e-5f, bool Relu = false);

/// <summary>Normalises each group of channels of each image by its own mean and variance, then scales and shifts each channel; a
/// ReLU may follow.</summary>
internal sealed class GroupNormOperator(GroupNormAttributes attributes) : Operator
{
    private const string Name = "GroupNorm";
    private const string InstanceName = "InstanceNorm";

    public override string Kind => IsInstance ? InstanceName : Name;

    public override AttributeSet Attributes
    {
        get
        {
            AttributeSet set = IsInstance ? [] : new AttributeSet().With("groups", attributes.Groups);
            return set.With("epsilon", attributes.Epsilon).With("relu", attributes.Relu);
        }
    }

    /// <summary>The options.</summary>
    public GroupNormAttributes Options => attributes;

    internal override ReadOnlySpan<string> InputNames => NormRule.Names;

    internal override int RequiredInputs => 1;

    private bool IsInstance => attributes.Groups == 0;

    public static Operator Create(AttributeSet attributes)
    {
        int groups = attributes.Integer("groups", 1);
        return groups >= 1
            ? new GroupNormOperator(Read(attributes, groups))
            : throw new FormatException($"the attribute 'groups' is '{groups}', expected at least 1.");
    }

    public static Operator CreateInstance(AttributeSet attributes) => new GroupNormOperator(Read(attributes, groups: 0));

    /// <summary>The shape rule, resolved to numbers.</summary>
    /// <exception cref="ShapeException">The groups do not divide the channels, or epsilon cannot be.</exception>
    public static GroupNormGeometry Resolve(Shape input, in GroupNormAttributes attributes)
    {
        string name = attributes.Groups == 0 ? InstanceName : Name;
        if (input.Rank < 2)
        {
            throw new ShapeException($"{name}: input is {input}, expected at least batch x channels.");
        }

        NormRule.RequireEpsilon(name, attributes.Epsilon);
        int channels = input[^1], groups = attributes.Groups == 0 ? channels : attributes.Groups;
        if (groups < 1 || channels % groups != 0)
        {
            throw new ShapeException($"{name}: {groups} groups do not divide the {channels} channels of {input}.");
        }

        int pixels = checked((int)(input.ElementCount / input[0] / channels));
        return new GroupNormGeometry(input[0], pixels, channels, groups, attributes.Epsilon, attributes.Relu);
    }

    internal override bool RunsInPlace(int input) => input == NormRule.InputIndex;

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        Shape input = inputs[NormRule.InputIndex]!.Value.Shape;
        NormRule.RequireParameters(Kind, inputs, Resolve(input, in attributes).Channels, "channel");
        outputs[0] = input;
    }

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs) =>
        new(outputs[0].Shape.ElementCount, attributes.Relu ? outputs[0].Shape.ElementCount : 0, Traffic(inputs, outputs));

    internal override void Save(
        ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs, InputSet wanted, List<ValueSpec> saved)
    {
        GroupNormGeometry geometry = Resolve(outputs[0].Shape, in attributes);
        saved.Add((Shape)(geometry.Batch, geometry.Groups));
        saved.Add((Shape)(geometry.Batch, geometry.Groups));
    }

    internal override GradientReads ReadsForGradient(InputSet wanted) => new(InputSet.All);

    internal override GradientWrite WritesGradient(int input) => NormRule.WritesGradient(input);

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        GroupNormGeometry geometry = Resolve(request.Input(NormRule.InputIndex), in attributes);
        return new SimpleOperator(
            tensors => kernels.GroupNorm(
                in geometry, NormRule.Parameters(tensors), tensors.Input(), tensors.Output(), NormRule.Saved(tensors)),
            tensors => kernels.GroupNormBackward(
                in geometry, NormRule.Parameters(tensors), NormRule.Saved(tensors), tensors.Input(), tensors.OutputGradient,
                NormRule.Gradients(tensors)));
    }

    private static GroupNormAttributes Read(AttributeSet attributes, int groups) =>
        new(groups, attributes.Single("epsilon", 1e-5f), attributes.Flag("relu"));
}
