// Einstein's summation: products of elements with named dimensions, summed over the names that the result does not have.
// Source: the notation of numpy.einsum, as ONNX's operator defines it.

namespace CnnNative.Operators;

internal static class TypedEinsum
{
    /// <summary>What stands for the dimensions of an ellipsis: letters that no equation uses.</summary>
    private const int FirstHidden = 0xE000;

    public static TypedFunction[] All => [new("Typed.Einsum", ["input"], Infer, Run) { IsVariadic = true }];

    private static void Infer(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        Shape[] shapes = new Shape[inputs.Length];
        for (int i = 0; i < shapes.Length; i++)
        {
            shapes[i] = inputs[i]!.Value.Shape;
        }

        Equation equation = Equation.Parse(attributes.Text("equation", ""), shapes);
        outputs[0] = inputs[0]!.Value with { Shape = new Shape([.. equation.Output.Select(label => equation.Sizes[label])]) };
    }

    private static void Run(AttributeSet attributes, NodeTensors tensors)
    {
        Shape[] shapes = [.. tensors.Inputs.Select(tensor => tensor!.Shape)];
        Equation equation = Equation.Parse(attributes.Text("equation", ""), shapes);
        char[] labels = [.. equation.Output, .. equation.Sizes.Keys.Where(label => !equation.Output.Contains(label)).Order()];
        int[] sizes = [.. labels.Select(label => equation.Sizes[label])];
        List<int[]> strides = [.. shapes.Select((shape, i) => Strides(labels, equation.Inputs[i], shape))];
        strides.Add(Strides(labels, equation.Output, tensors.Output().Shape));
        double[][] values = [.. tensors.Inputs.Select(tensor => tensor!.ToDoubles())];
        double[] sums = new double[tensors.Output().ElementCount];
        RowLoop loop = new(sizes, [.. strides]);
        while (loop.MoveNext())
        {
            for (int k = 0; k < loop.Length; k++)
            {
                double product = 1;
                for (int i = 0; i < values.Length; i++)
                {
                    product *= values[i][loop.Offset(i) + k * loop.Stride(i)];
                }

                sums[loop.Offset(values.Length) + k * loop.Stride(values.Length)] += product;
            }
        }

        tensors.Output().Store(sums);
    }

    /// <summary>The distance of neighbours along each label; a label that a tensor has twice means its diagonal.</summary>
    private static int[] Strides(char[] labels, string own, Shape shape)
    {
        int[] dense = RowLoop.DenseStrides(shape.ToArray()), strides = new int[labels.Length];
        for (int d = 0; d < own.Length; d++)
        {
            strides[Array.IndexOf(labels, own[d])] += shape[d] == 1 ? 0 : dense[d];
        }

        return strides;
    }

    private sealed record Equation(string[] Inputs, string Output, Dictionary<char, int> Sizes)
    {
        public static Equation Parse(string text, Shape[] shapes)
        {
            string[] sides = text.Replace(" ", "", StringComparison.Ordinal).Split("->");
            string[] inputs = sides[0].Split(',');
            if (sides.Length > 2 || inputs.Length != shapes.Length)
            {
                throw new ShapeException(
                    $"Einsum: the equation is '{text}' for {shapes.Length} tensors, expected a list of labels for each.");
            }

            Dictionary<char, int> sizes = [];
            int hidden = 0;
            for (int i = 0; i < inputs.Length; i++)
            {
                int count = shapes[i].Rank - inputs[i].Replace("...", "", StringComparison.Ordinal).Length;
                hidden = Math.Max(hidden, inputs[i].Contains("...", StringComparison.Ordinal) ? count : 0);
                inputs[i] = Expand(inputs[i], count);
                if (inputs[i].Length != shapes[i].Rank)
                {
                    throw new ShapeException(
                        $"Einsum: tensor {i} is {shapes[i]}, the equation '{text}' gives it {inputs[i].Length} dimensions.");
                }

                for (int d = 0; d < inputs[i].Length; d++)
                {
                    char label = inputs[i][d];
                    int known = sizes.GetValueOrDefault(label, 1), size = shapes[i][d];
                    sizes[label] = known == 1 || size == known ? size
                        : size == 1 ? known
                        : throw new ShapeException($"Einsum: '{label}' is {known} and {size} in '{text}', expected one size.");
                }
            }

            return new Equation(inputs, sides.Length == 2 ? Expand(sides[1], hidden) : Implied(inputs), sizes);
        }

        /// <summary>The labels with letters for the ellipsis, which is aligned at its last dimension.</summary>
        private static string Expand(string labels, int count)
        {
            string letters = string.Concat(
                Enumerable.Range(0, Math.Max(0, count)).Select(i => (char)(FirstHidden + count - 1 - i)));
            return labels.Replace("...", letters, StringComparison.Ordinal);
        }

        /// <summary>The result of an equation without one: hidden dimensions, then the labels that are there once, in their
        /// order.</summary>
        private static string Implied(string[] inputs)
        {
            string all = string.Concat(inputs);
            IEnumerable<char> hidden = all.Where(label => label >= FirstHidden).Distinct().OrderDescending();
            IEnumerable<char> once = all.Where(label => label < FirstHidden).GroupBy(label => label).Where(group =>
                group.Count() == 1)
                .Select(group => group.Key).Order();
            return string.Concat(hidden.Concat(once));
        }
    }
}
