// Every operator through the public functions against PyTorch, on each set of kernels. The managed kernels have stricter tests
// of their own; here all sets answer the same questions, whose answers come from outside this repository.

using CnnNative.Tests.Golden;

namespace CnnNative.Tests.Operators;

public sealed class OperatorGoldenTests
{
    // What cnn.h states for exp, tanh and sigmoid; the others are made of them.
    private const double ActivationUlps = 4;

    private static readonly string[] Kinds =
        ["conv2d", "linear", "max_pool2d", "average_pool2d", "global_average_pool", "activation", "softmax", "add", "concat"];

    public static TheoryData<string, Backend, InstructionSet?> Runs
    {
        get
        {
            var runs = new TheoryData<string, Backend, InstructionSet?>();
            foreach (string kind in Kinds)
            {
                runs.Add(kind, Backend.Managed, null);
                runs.Add(kind, Backend.Native, InstructionSet.Scalar);
                runs.Add(kind, Backend.Native, InstructionSet.Avx2);
                runs.Add(kind, Backend.Native, null);
            }

            return runs;
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void An_operator_gives_what_PyTorch_gives(string kind, Backend backend, InstructionSet? isa)
    {
        using ComputeContext context = new(backend, threads: 2, isa);
        Assert.Multiple([.. GoldenFile.Cases(kind).Select(golden => (Action)(() => AssertMatches(golden, context)))]);
    }

    private static void AssertMatches(GoldenCase golden, ComputeContext context)
    {
        Tensor[] inputs = Array.ConvertAll(golden.Inputs, input => Tensor.FromSpan(input.ToArray(), new Shape(input.Shape)));
        try
        {
            using Tensor actual = Run(golden, inputs, context);
            Assert.Equal(golden.Expected.Count, actual.ElementCount);
            bool flushesSubnormals = context.Backend == Backend.Native;
            GoldenTolerance.AssertMatches(golden, actual.ToArray(), ActivationUlps, flushesSubnormals);
        }
        finally
        {
            foreach (Tensor input in inputs)
                input.Dispose();
        }
    }

    private static Tensor Run(GoldenCase golden, Tensor[] inputs, ComputeContext context)
    {
        GoldenOptions options = golden.Options;
        Tensor input = inputs[0];
        Tensor? bias = inputs.Length > 2 ? inputs[2] : null;
        Size2d window = Pair(options.Window), stride = Pair(options.Stride), dilation = Pair(options.Dilation);
        Padding padding = PaddingOf(options);
        Activation activation = options.ToActivation();
        return golden.Kind switch
        {
            "conv2d" => Cnn.Conv2d(input, inputs[1], bias, stride, padding, dilation, options.Groups, activation, context),
            "linear" => Cnn.Linear(input, inputs[1], bias, activation, context),
            "max_pool2d" => Cnn.MaxPool2d(input, window, stride, padding, dilation, options.CeilMode, context),
            "average_pool2d" =>
                Cnn.AveragePool2d(input, window, stride, padding, dilation, options.CeilMode, options.CountIncludePad, context),
            "global_average_pool" => Cnn.GlobalAveragePool(input, context),
            "activation" => Cnn.Activate(input, activation, context),
            "softmax" => Cnn.Softmax(input, context),
            "add" => Cnn.Add(input, inputs[1], activation, context),
            "concat" => Cnn.Concat(inputs, axis: -1, context),
            _ => throw new InvalidDataException($"{golden.Name}: the kind is '{golden.Kind}', expected one of the operators."),
        };
    }

    private static Size2d Pair(int[] values) => (values[0], values[1]);

    private static Padding PaddingOf(GoldenOptions options) => options.PaddingMode switch
    {
        "same" => Padding.Same,
        "same_lower" => Padding.SameLower,
        _ => Padding.Explicit(options.Padding[0], options.Padding[1], options.Padding[2], options.Padding[3]),
    };
}
