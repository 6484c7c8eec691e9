// Activations and normalisations that exporters write out are found in every form, and nothing else is taken for one.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Tests.Graphs;

public sealed class RecognitionPassTests
{
    private const float Sqrt2 = 1.4142135f;

    [Theory]
    [InlineData("sigmoid last")]
    [InlineData("sigmoid first")]
    [InlineData("of a product")]
    public void A_product_with_its_sigmoid_is_SiLU(string form)
    {
        PassGraph g = new((4, 3, 6));
        GraphValue x = form == "of a product" ? g.Multiply(g.X, g.Constant((1, 1, 1, 6))) : g.X;
        GraphValue gate = g.Activate(Activation.Sigmoid, x);

        string[] kinds = g.KindsAfter(
            form == "sigmoid first" ? g.Multiply(gate, x) : g.Multiply(x, gate), GraphPasses.RecognizeActivations);

        Assert.Equal(form == "of a product" ? ["Binary", "Activation"] : ["Activation"], kinds);
    }

    [Theory]
    [InlineData("torch")]
    [InlineData("half inside")]
    [InlineData("half before")]
    [InlineData("by a product")]
    public void The_error_function_written_out_is_GELU(string form)
    {
        PassGraph g = new((4, 3, 6));
        GraphValue half = g.Number(0.5f), one = g.Number(1);
        GraphValue scaled = form == "by a product"
            ? g.Multiply(g.Number(1 / Sqrt2), g.X)
            : g.Divide(g.X, g.Number(Sqrt2));
        GraphValue gate = g.Add(g.Node(TypedFunctions.Operator("Typed.Erf"), scaled), one);
        GraphValue output = form switch
        {
            "half inside" => g.Multiply(g.X, g.Multiply(half, gate)),
            "half before" => g.Multiply(g.Multiply(half, g.X), gate),
            _ => g.Multiply(g.Multiply(g.X, gate), half),
        };

        Assert.Equal(["Activation"], g.KindsAfter(output, GraphPasses.RecognizeActivations));
    }

    [Theory]
    [InlineData("hard sigmoid")]
    [InlineData("clip")]
    [InlineData("clip, divided at once")]
    public void Hard_swish_is_found_in_its_forms(string form)
    {
        PassGraph g = new((4, 3, 6));
        GraphValue six = g.Number(6);
        GraphValue clipped = g.Activate(Activation.Relu6, g.Add(g.X, g.Number(3)));
        GraphValue output = form switch
        {
            "hard sigmoid" => g.Multiply(g.X, g.Activate(Activation.HardSigmoid(), g.X)),
            "clip" => g.Divide(g.Multiply(g.X, clipped), six),
            _ => g.Multiply(g.X, g.Divide(clipped, six)),
        };

        Assert.Equal(["Activation"], g.KindsAfter(output, GraphPasses.RecognizeActivations));
    }

    [Fact]
    public void Mish_is_found()
    {
        PassGraph g = new((4, 3, 6));

        Assert.Equal(
            ["Activation"],
            g.KindsAfter(
                g.Multiply(g.X, g.Activate(Activation.Tanh, g.Activate(Activation.Softplus, g.X))),
                GraphPasses.RecognizeActivations));
    }

    [Theory]
    [InlineData("another argument")]
    [InlineData("another scale")]
    [InlineData("a third factor")]
    public void What_only_looks_like_an_activation_stays(string form)
    {
        PassGraph g = new((4, 3, 6));
        GraphValue gate = g.Activate(Activation.Sigmoid, g.X), one = g.Number(1);
        GraphValue output = form switch
        {
            "another argument" => g.Multiply(g.Add(g.X, one), gate),
            "another scale" => g.Multiply(g.Multiply(g.X, gate), g.Number(2)),
            _ => g.Multiply(g.Multiply(g.X, g.Activate(Activation.Tanh, g.X)), gate),
        };

        // The product of x and its gate inside of 2 x sigmoid(x) is SiLU all the same.
        int binaries = form == "another scale" ? 1 : 2;
        Assert.Equal(binaries, g.KindsAfter(output, GraphPasses.RecognizeActivations).Count(kind => kind == "Binary"));
    }

    [Theory]
    [InlineData("power", true)]
    [InlineData("product", true)]
    [InlineData("power", false)]
    [InlineData("twice subtracted", true)]
    [InlineData("two views", true)]
    public void Layer_normalisation_written_out_is_one_operator(string square, bool affine)
    {
        PassGraph g = new((5, 4, 6));
        GraphValue mean = g.Node(new ReduceOperator(isMean: true, [3]), g.X), centred = g.Subtract(g.X, mean);
        GraphValue again = square switch
        {
            "twice subtracted" => g.Subtract(g.X, mean),
            "two views" => g.Subtract(g.Reshape(g.X, 0, 5, 4, 6), mean),
            _ => centred,
        };
        GraphValue squared = square == "product"
            ? g.Multiply(again, again)
            : g.Node(new UnaryOperator(UnaryOperation.Power, 2), again);
        GraphValue variance = g.Node(new ReduceOperator(isMean: true, [-1]), squared);
        GraphValue deviation = g.Node(new UnaryOperator(UnaryOperation.SquareRoot), g.Add(variance, g.Number(1e-5f)));
        GraphValue output = g.Divide(centred, deviation);
        if (affine)
        {
            output = g.Add(g.Multiply(output, g.Constant((1, 1, 1, 6))), g.Constant(6));
        }

        Assert.Equal(
            ["LayerNorm"], g.KindsAfter(output, GraphPasses.RecognizeNormalizations));
    }

    [Fact]
    public void A_normalisation_over_pixels_is_no_layer_normalisation()
    {
        PassGraph g = new((5, 4, 6));
        GraphValue centred = g.Subtract(g.X, g.Node(new ReduceOperator(isMean: true, [1]), g.X));
        GraphValue variance = g.Node(
            new ReduceOperator(isMean: true, [1]), g.Node(new UnaryOperator(UnaryOperation.Power, 2), centred));
        GraphValue deviation = g.Node(new UnaryOperator(UnaryOperation.SquareRoot), g.Add(variance, g.Number(1e-5f)));

        Assert.DoesNotContain("LayerNorm", g.KindsAfter(g.Divide(centred, deviation)));
    }

    [Fact]
    public void A_scale_of_another_shape_is_not_taken_for_gamma()
    {
        PassGraph g = new((5, 4, 6));
        GraphValue normalized = g.Node(new LayerNormOperator(), g.X);

        Assert.Equal(
            ["LayerNorm", "Binary"],
            g.KindsAfter(g.Multiply(normalized, g.Number(2)), GraphPasses.RecognizeNormalizations));
    }
}
