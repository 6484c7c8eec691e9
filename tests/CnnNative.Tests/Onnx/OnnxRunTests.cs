// Runs of imported networks: nothing is allocated, and the number of threads changes no bit.

namespace CnnNative.Tests.Onnx;

public sealed class OnnxRunTests
{
    public static TheoryData<string> Shared => OnnxFileTests.Shared;

    /// <summary>The managed side counts both kinds of memory: native memory of a run is a buffer, whose handle is a managed object.
    /// That the native functions themselves allocate nothing is tested where malloc can be watched, in test_allocation.c.</summary>
    [Theory]
    [MemberData(nameof(Shared))]
    public void Runs_of_a_pretrained_network_allocate_nothing_after_the_first(string name)
    {
        using ComputeContext context = new(threads: 2);
        using CompiledModel model = Load(name, context, out Tensor input);
        using Session session = model.CreateSession();
        float[] values = input.ToArray();
        float[][] outputs = [.. model.Outputs.Select((_, i) => new float[session.OutputShape(i).ElementCount])];
        input.Dispose();
        long least = long.MaxValue;
        for (int run = 0; run < 6; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            session.SetInput(0, values, TensorLayout.Source);
            session.Run(TestContext.Current.CancellationToken);
            for (int i = 0; i < outputs.Length; i++)
            {
                session.GetOutput(i, outputs[i], TensorLayout.Source);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Theory]
    [MemberData(nameof(Shared))]
    public void A_pretrained_network_gives_the_same_bits_on_any_number_of_threads(string name)
    {
        float[][] first = Outputs(name, threads: 1);
        foreach (int threads in (int[])[2, 3])
        {
            Assert.Equal(first, Outputs(name, threads));
        }
    }

    private static float[][] Outputs(string name, int threads)
    {
        using ComputeContext context = new(threads: threads);
        using CompiledModel model = Load(name, context, out Tensor input);
        using Session session = model.CreateSession();
        session.SetInput(0, input.ToArray(), TensorLayout.Source);
        input.Dispose();
        session.Run(TestContext.Current.CancellationToken);
        float[][] outputs = [.. model.Outputs.Select((_, i) => new float[session.OutputShape(i).ElementCount])];
        for (int i = 0; i < outputs.Length; i++)
        {
            session.GetOutput(i, outputs[i], TensorLayout.Source);
        }

        return outputs;
    }

    private static CompiledModel Load(string name, ComputeContext context, out Tensor input)
    {
        string path = SharedData.File("onnx-models", name, "model.onnx");
        input = ConformanceSuite.Read(SharedData.File("onnx-models", name, "test_data_set_0", "input_0.pb"));
        using OnnxModel onnx = OnnxModel.Load(path);
        Dictionary<string, Shape> shapes = new() { [onnx.Inputs[0].Name] = input.Shape };
        return CompiledModel.Load(path, new CompileOptions { Context = context, InputShapes = shapes });
    }
}
