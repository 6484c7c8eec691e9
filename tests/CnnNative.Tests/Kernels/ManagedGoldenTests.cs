// The managed kernels against PyTorch, case by case. Everything that is tested against the managed kernels rests on this.

using CnnNative.Kernels;
using CnnNative.Kernels.Managed;
using CnnNative.Tests.Golden;

namespace CnnNative.Tests.Kernels;

public class ManagedGoldenTests
{
    // One rounding of a result in double precision is half an ulp; hard swish rounds three times.
    private const double ActivationUlps = 1;
    private const double HardSwishUlps = 2;

    [Theory]
    [MemberData(nameof(GoldenFile.Names), "conv2d", MemberType = typeof(GoldenFile))]
    [MemberData(nameof(GoldenFile.Names), "linear", MemberType = typeof(GoldenFile))]
    public void A_convolution_gives_what_PyTorch_gives(string name)
    {
        GoldenCase golden = GoldenFile.Find(name);
        float[] bias = golden.Inputs.Length > 2 ? golden.Inputs[2].ToArray() : [];
        AssertResult(golden, output => ManagedConvolution.Run(
            Geometries.Convolution(golden),
            golden.Inputs[0].ToArray(),
            golden.Inputs[1].ToArray(),
            bias,
            golden.Options.ToActivation(),
            output));
    }

    [Theory]
    [MemberData(nameof(GoldenFile.Names), "max_pool2d", MemberType = typeof(GoldenFile))]
    public void Max_pooling_gives_what_PyTorch_gives(string name)
    {
        GoldenCase golden = GoldenFile.Find(name);
        AssertResult(golden, output => ManagedPooling.Max(Geometries.Pooling(golden), golden.Inputs[0].ToArray(), output));
    }

    [Theory]
    [MemberData(nameof(GoldenFile.Names), "average_pool2d", MemberType = typeof(GoldenFile))]
    public void Average_pooling_gives_what_PyTorch_gives(string name)
    {
        GoldenCase golden = GoldenFile.Find(name);
        AssertResult(golden, output => ManagedPooling.Average(Geometries.Pooling(golden), golden.Inputs[0].ToArray(), output));
    }

    [Theory]
    [MemberData(nameof(GoldenFile.Names), "global_average_pool", MemberType = typeof(GoldenFile))]
    public void Global_average_pooling_gives_what_PyTorch_gives(string name)
    {
        GoldenCase golden = GoldenFile.Find(name);
        int[] shape = golden.Inputs[0].Shape;
        AssertResult(golden, output => ManagedPooling.GlobalAverage(
            shape[0], (long)shape[1] * shape[2], shape[3], golden.Inputs[0].ToArray(), output));
    }

    [Theory]
    [MemberData(nameof(GoldenFile.Names), "activation", MemberType = typeof(GoldenFile))]
    public void An_activation_gives_what_PyTorch_gives(string name)
    {
        GoldenCase golden = GoldenFile.Find(name);
        AssertResult(golden, output =>
            ManagedActivation.Run(golden.Options.ToActivation(), golden.Inputs[0].ToArray(), output));
    }

    [Theory]
    [MemberData(nameof(GoldenFile.Names), "softmax", MemberType = typeof(GoldenFile))]
    public void Softmax_gives_what_PyTorch_gives(string name)
    {
        GoldenCase golden = GoldenFile.Find(name);
        int[] shape = golden.Inputs[0].Shape;
        AssertResult(golden, output => ManagedSoftmax.Run(shape[0], shape[1], golden.Inputs[0].ToArray(), output));
    }

    [Theory]
    [MemberData(nameof(GoldenFile.Names), "add", MemberType = typeof(GoldenFile))]
    public void Addition_gives_what_PyTorch_gives(string name)
    {
        GoldenCase golden = GoldenFile.Find(name);
        AssertResult(golden, output => ManagedElementwise.Add(
            golden.Inputs[0].ToArray(), golden.Inputs[1].ToArray(), golden.Options.ToActivation(), output));
    }

    [Theory]
    [MemberData(nameof(GoldenFile.Names), "concat", MemberType = typeof(GoldenFile))]
    public void Copied_rows_concatenate_as_PyTorch_does(string name)
    {
        GoldenCase golden = GoldenFile.Find(name);
        AssertResult(golden, output =>
        {
            int channels = golden.Expected.Shape[^1];
            int offset = 0;
            foreach (GoldenTensor part in golden.Inputs)
            {
                int width = part.Shape[^1];
                ManagedElementwise.CopyRows(part.Count / width, width, part.ToArray(), 0, width, output, offset, channels);
                offset += width;
            }
        });
    }

    [Fact]
    public void The_three_steps_of_the_tutorial_give_what_PyTorch_gives()
    {
        GoldenTutorial tutorial = GoldenTutorial.Read();
        float[] image = tutorial.ReadImage();
        float[] laplacian = [-1, -1, -1, -1, 8, -1, -1, -1, -1];
        var edges = new float[300 * 300];
        var active = new float[300 * 300];
        var pooled = new float[150 * 150];

        WindowAxis kernel = Geometries.Axis(input: 300, window: 3, stride: 1, dilation: 1, before: 1, after: 1);
        ManagedConvolution.Run(new Conv2dGeometry(1, kernel, kernel, 1, 1, 1), image, laplacian, [], Activation.None, edges);
        ManagedActivation.Run(Activation.Relu, edges, active);
        WindowAxis window = Geometries.Axis(input: 300, window: 2, stride: 2, dilation: 1, before: 0, after: 0);
        ManagedPooling.Max(new Pool2dGeometry(1, window, window, 1, false, false), active, pooled);

        // Nine products whose magnitudes add up to 16 at most, because a pixel is at most 1.
        double tolerance = GoldenTolerance.ProductSum(products: 9, magnitude: 16);
        tutorial.Steps["image"].AssertMatches(image, tolerance: 1e-7);
        tutorial.Steps["edges"].AssertMatches(edges, tolerance);
        tutorial.Steps["active"].AssertMatches(active, tolerance);
        tutorial.Steps["pooled"].AssertMatches(pooled, tolerance);
    }

    private static void AssertResult(GoldenCase golden, Action<float[]> compute)
    {
        // Filled with a value that no case expects, so that an element which was not written shows.
        var output = new float[golden.Expected.Count];
        Array.Fill(output, 12345f);
        compute(output);
        double ulps = golden.Options.Activation == ActivationKind.HardSwish ? HardSwishUlps : ActivationUlps;
        GoldenTolerance.AssertMatches(golden, output, ulps);
    }
}
