// Forms of operators from older operator sets that ONNX's newest tests do not have any more, and notations with many cases.

using CnnNative.Onnx.Running;

namespace CnnNative.Tests.Onnx;

public sealed class OnnxOldFormsTests
{
    [Fact]
    public void A_cast_names_its_type_before_version_6()
    {
        OnnxBuilder builder = new OnnxBuilder(opset: 1).Input("x", 3).Output("y").Node("Cast", "x", "y", ("to", "INT32"));

        using Tensor output = Run(builder, ("x", Tensor.FromSpan([1.9f, -2.9f, 3f], 3)));

        Assert.Equal([1, -2, 3], output.ToArray<int>());
    }

    [Fact]
    public void A_sum_is_aligned_at_an_axis_before_version_7()
    {
        OnnxBuilder builder = new OnnxBuilder(opset: 6).Input("x", 1, 2, 2).Input("b", 2).Output("y")
            .Node("Add", "x b", "y", ("broadcast", 1), ("axis", 1));

        using Tensor output = Run(
            builder, ("x", Tensor.FromSpan([1, 2, 3, 4], (1, 2, 2))), ("b", Tensor.FromSpan([10, 20], 2)));

        Assert.Equal([11, 12, 23, 24], output.ToArray());
    }

    [Fact]
    public void Slices_pads_and_reshapes_have_attributes_in_old_operator_sets()
    {
        OnnxBuilder builder = new OnnxBuilder(opset: 4).Input("x", 2, 3).Output("y")
            .Node("Slice", "x", "s", ("starts", new[] { 0, 1 }), ("ends", new[] { 2, 3 }))
            .Node("Pad", "s", "p", ("pads", new[] { 0, 1, 0, 0 }), ("value", 7f))
            .Node("Reshape", "p", "y", ("shape", new[] { 3, -1 }));

        // Reshape has the attribute in version 1 only; the value is taken where there is no second input.
        using Tensor output = Run(builder, ("x", Tensor.FromSpan([0, 1, 2, 3, 4, 5], (2, 3))));

        Assert.Equal((3, 2), output.Shape);
        Assert.Equal([7, 1, 2, 7, 4, 5], output.ToArray());
    }

    public static TheoryData<string, int[], int[], int[], float[]> Equations => new()
    {
        { "ij,jk->ik", [2, 2], [2, 2], [2, 2], [7, 10, 15, 22] },
        { "ij,jk", [2, 2], [2, 2], [2, 2], [7, 10, 15, 22] },
        { "...ij,...jk->...ik", [1, 2, 2], [2, 2], [1, 2, 2], [7, 10, 15, 22] },
        { "ii,ij->j", [2, 2], [2, 2], [2], [13, 18] },
        { "ij,ij->", [2, 2], [2, 2], [], [30] },
        { "ij, kl -> jl", [2, 2], [2, 2], [2, 2], [16, 24, 24, 36] },
    };

    [Theory]
    [MemberData(nameof(Equations))]
    public void Sums_of_products_follow_their_equation(string equation, int[] left, int[] right, int[] result, float[] expected)
    {
        OnnxBuilder builder = new OnnxBuilder().Input("a", left).Input("b", right).Output("y").Node("Einsum", "a b", "y",
            ("equation", equation));

        using Tensor output = Run(
            builder, ("a", Tensor.FromSpan([1, 2, 3, 4], new Shape(left))),
                ("b", Tensor.FromSpan([1, 2, 3, 4], new Shape(right))));

        Assert.Equal(new Shape(result), output.Shape);
        Assert.Equal(expected, output.ToArray());
    }

    private static Tensor Run(OnnxBuilder builder, params ReadOnlySpan<(string Name, Tensor Value)> inputs)
    {
        using OnnxModel model = builder.Read();
        Dictionary<string, Tensor> all = [];
        foreach ((string name, Tensor value) in inputs)
        {
            all[name] = value;
        }

        Tensor output = new OnnxRunner(model, ComputeContext.Default.Kernels).Run(all)[0];
        foreach (Tensor tensor in all.Values)
        {
            tensor.Dispose();
        }

        return output;
    }
}
