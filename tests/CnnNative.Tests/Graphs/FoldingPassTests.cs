// Constants, scales, views and transposes: what can be done once is done once, and what stands between two operators that belong
// together moves away. Each pass leaves the results as they were and does nothing when it is switched off.

using CnnNative.Graphs.Passes;
using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Tests.Graphs;

public sealed class FoldingPassTests
{
    [Theory]
    [InlineData("Multiply", true)]
    [InlineData("Divide", true)]
    [InlineData("Add", true)]
    [InlineData("Subtract", true)]
    [InlineData("Multiply", false)]
    [InlineData("Add", false)]
    public void A_scale_or_a_shift_behind_a_convolution_becomes_part_of_it(string kind, bool perChannel)
    {
        PassGraph g = new((6, 5, 3));
        BinaryOperation operation = Enum.Parse<BinaryOperation>(kind);
        GraphValue constant = perChannel ? g.Constant((1, 1, 1, 4)) : g.Number(1.5f);

        Assert.Equal(
            ["Conv2d"],
            g.KindsAfter(g.Node(new BinaryOperator(operation), g.Conv(g.X, 3, 4, 3), constant), GraphPasses.FoldScales));
    }

    [Fact]
    public void A_scale_and_a_shift_behind_one_another_are_both_folded()
    {
        PassGraph g = new((6, 5, 3));
        GraphValue scaled = g.Multiply(g.Constant((1, 1, 1, 4)), g.Conv(g.X, 3, 4, 3));

        Assert.Equal(["Conv2d"], g.KindsAfter(g.Add(g.Constant(4), scaled), GraphPasses.FoldScales));
    }

    [Theory]
    [InlineData("per pixel")]
    [InlineData("constant minus")]
    [InlineData("behind an activation")]
    [InlineData("read twice")]
    public void What_is_no_scale_of_channels_stays(string form)
    {
        PassGraph g = new((6, 5, 3));
        GraphValue x = g.Conv(g.X, 3, 4, 3);
        GraphValue output = form switch
        {
            "per pixel" => g.Multiply(x, g.Constant((1, 6, 5, 1))),
            "constant minus" => g.Subtract(g.Constant(4), x),
            "behind an activation" => g.Multiply(g.Activate(Activation.Relu, x), g.Constant(4)),
            _ => g.Multiply(g.Multiply(x, g.Constant(4)), g.Activate(Activation.Tanh, x)),
        };

        Assert.Contains("Binary", g.KindsAfter(output));
    }

    [Fact]
    public void A_residual_is_not_scaled_with_the_sum()
    {
        PassGraph g = new((6, 5, 4));
        GraphValue sum = g.Node(new AddOperator(), g.Conv(g.X, 4, 4, 3), g.X);

        Assert.Equal(["Conv2d", "Binary"], g.KindsAfter(g.Multiply(sum, g.Constant(4))));
    }

    [Fact]
    public void What_depends_on_constants_alone_is_computed_once()
    {
        PassGraph g = new((6, 5, 4));
        GraphValue constant = g.Activate(Activation.Tanh, g.Add(g.Constant((1, 4)), g.Constant((1, 1))));

        Assert.Equal(["Binary"], g.KindsAfter(g.Multiply(g.X, g.Reshape(constant, 4)), GraphPasses.FoldConstants));
    }

    [Fact]
    public void What_does_nothing_in_inference_is_left_out()
    {
        PassGraph g = new((6, 5, 4));
        GraphValue x = g.Node(new DropoutOperator(0.5f), g.Conv(g.X, 4, 4, 3));
        x = g.Add(g.Multiply(g.Node(new ConcatOperator(), x), g.Number(1)), g.Number(0));

        Assert.Equal(
            ["Conv2d"],
            g.KindsAfter(g.Activate(Activation.Tanh, x), GraphPasses.RemoveIdentities | GraphPasses.FuseActivations));
    }

    [Fact]
    public void Transposes_that_undo_one_another_are_gone()
    {
        PassGraph g = new((6, 5, 4));
        GraphValue there = g.Node(new TransposeOperator([0, 3, 1, 2]), g.X);
        GraphValue back = g.Node(new TransposeOperator([0, 2, 3, 1]), there);

        Assert.Equal(["Activation"], g.KindsAfter(g.Activate(Activation.Tanh, back), GraphPasses.MergeTransposes));
    }

    [Fact]
    public void Three_transposes_are_one()
    {
        PassGraph g = new((6, 5, 4));
        GraphValue x = g.X;
        for (int i = 0; i < 3; i++)
        {
            x = g.Node(new TransposeOperator([0, 2, 1, 3]), x);
        }

        Assert.Equal(["Transpose"], g.KindsAfter(x, GraphPasses.MergeTransposes));
    }

    [Fact]
    public void A_layer_on_rows_takes_in_bias_activation_and_residual_behind_a_view()
    {
        PassGraph g = new((6, 5, 4));
        GraphValue rows = g.Node(new LinearOperator(), g.Reshape(g.X, -1, 4), g.Constant((8, 4)));
        GraphValue inner = g.Activate(Activation.Gelu, g.Add(g.Reshape(rows, -1, 6, 5, 8), g.Constant((1, 1, 1, 8))));
        GraphValue outer = g.Node(new LinearOperator(), g.Reshape(inner, -1, 8), g.Constant((4, 8)));
        GraphValue scaled = g.Multiply(g.Add(g.Reshape(outer, -1, 6, 5, 4), g.Constant(4)), g.Constant((1, 1, 1, 4)));

        string[] kinds = g.KindsAfter(g.Node(new AddOperator(), scaled, g.X));

        Assert.Equal(["Linear", "Linear"], kinds.Where(kind => kind != "Reshape"));
    }

    [Fact]
    public void A_view_that_changes_the_channels_does_not_move_behind_a_sum_over_them()
    {
        PassGraph g = new((6, 5, 4));
        GraphValue view = g.Reshape(g.Conv(g.X, 4, 4, 1), 0, 6, 20);

        Assert.Equal(["Conv2d", "Reshape", "Binary"], g.KindsAfter(g.Add(view, g.Constant(20))));
    }

    [Theory]
    [InlineData("convolution", true)]
    [InlineData("padded convolution", true)]
    [InlineData("average", true)]
    [InlineData("average that does not count its padding", false)]
    [InlineData("maximum", false)]
    [InlineData("ones", false)]
    [InlineData("mirrors", false)]
    [InlineData("channels", false)]
    [InlineData("more than a window", false)]
    public void Zeros_around_pictures_become_padding_where_that_is_the_same(string form, bool fuses)
    {
        PassGraph g = new((6, 5, 4));
        (int[] before, int[] after) = form switch
        {
            "channels" => ([0, 0, 0, 1], [0, 0, 0, 0]),
            "more than a window" => ([0, 3, 0, 0], [0, 0, 0, 0]),
            _ => ((int[])[0, 1, 0, 0], (int[])[0, 2, 1, 0]),
        };
        GraphValue padded = g.Node(
            new PadOperator(before, after, form == "mirrors" ? PadMode.Reflect : PadMode.Constant, form == "ones" ? 1 : 0), g.X);
        bool hasOwn = form is "padded convolution" or "average that does not count its padding";
        Padding own = hasOwn ? Padding.Explicit(0, 1, 0, 1) : Padding.Valid;
        Pool2dAttributes pool = new(3, 2, 1, own, CeilMode: false, CountIncludePad: false);
        GraphValue output = form switch
        {
            "maximum" => g.Node(new MaxPool2dOperator(pool), padded),
            _ when form.StartsWith("average", StringComparison.Ordinal) => g.Node(new AveragePool2dOperator(pool), padded),
            _ => g.Node(
                new Conv2dOperator(new Conv2dAttributes { Padding = own }), padded,
                g.Constant((2, 3, 3, form == "channels" ? 5 : 4))),
        };

        Assert.Equal(fuses ? 1 : 2, g.KindsAfter(output, GraphPasses.FusePads).Length);
    }

    [Fact]
    public void Every_pass_can_be_switched_off_and_tells_what_it_did()
    {
        PassGraph g = new((6, 5, 4));
        GraphValue x = g.Conv(g.Node(new DropoutOperator(0.5f), g.X), 4, 4, 3);
        GraphValue output = g.Multiply(g.Activate(Activation.Sigmoid, x), x);
        using Graph graph = new([g.X], [new GraphOutput("output", output)]);

        List<PassReport> reports = [];
        Graph off = InferencePasses.Apply(graph, ComputeContext.Default.Kernels, GraphPasses.None, reports);
        Assert.Same(graph, off);
        Assert.Empty(reports);

        using CompiledModel model = CompiledModel.Compile(
            graph, new CompileOptions { Passes = GraphPasses.All & ~GraphPasses.FuseActivations });
        Assert.Equal(["Conv2d", "Activation"], model.Graph.Nodes.Select(node => node.Operator.Kind));
        Assert.DoesNotContain(model.Passes, report => report.Pass == GraphPasses.FuseActivations);
        PassReport recognized = Assert.Single(model.Passes, report => report.Pass == GraphPasses.RecognizeActivations);
        Assert.Equal((3, 2, output.Name), (recognized.NodesBefore, recognized.NodesAfter, Assert.Single(recognized.Changed)));

        using Session session = model.CreateSession();
        Assert.Equal(
            [output.Name], Assert.Single(session.Passes, report => report.Pass == GraphPasses.RunInPlace).Changed);
    }

    [Fact]
    public void Every_pass_has_a_name_of_its_own()
    {
        GraphPasses[] passes = [.. Enum.GetValues<GraphPasses>().Where(pass => int.PopCount((int)pass) == 1)];

        Assert.Equal(passes.Length, passes.Select(PassReport.NameOf).Distinct().Count());
        Assert.All(passes, pass => Assert.DoesNotContain(PassReport.NameOf(pass), char.IsUpper));
        Assert.Equal(GraphPasses.All, passes.Aggregate((all, pass) => all | pass));
    }
}
