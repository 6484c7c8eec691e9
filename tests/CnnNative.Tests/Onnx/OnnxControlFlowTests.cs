// Branches, loops and scans give what ONNX Runtime gives: graphs in graphs that read values from around them, loops that end by
// themselves, loops that never run. The models are made by Golden/make_control_flow_models.py.

namespace CnnNative.Tests.Onnx;

public sealed class OnnxControlFlowTests
{
    /// <summary>A model, what its inputs that are no float32 are, and whether it can be one graph once these are given.</summary>
    public static TheoryData<string, string, bool> Models => new()
    {
        { "nested_if", "first=true second=true", true },
        { "nested_if", "first=true second=false", true },
        { "nested_if", "first=false second=true", true },
        { "counted_loop", "rounds=1", true },
        { "counted_loop", "rounds=5", true },
        { "loop_that_stops", "", true },
        { "loops_in_loops", "", true },
        { "loop_without_rounds", "", true },
        { "scan", "", true },
        { "old_scan", "", true },
        { "loop_by_data", "", false },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Control_flow_gives_what_ONNX_Runtime_gives(string name, string settings, bool isOneGraph)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Golden", "control-flow", $"{name}.onnx");
        using OnnxModel model = OnnxModel.Load(path);
        Dictionary<string, Tensor> inputs = Inputs(model, settings);
        using TensorCollection expected = OnnxRuntime.Run(File.ReadAllBytes(path), inputs);

        using TensorCollection staged = model.Run(inputs);
        RequireSame(expected, staged);

        Dictionary<string, Tensor> known = inputs.Where(pair => pair.Value.ElementType != ElementType.Float32)
            .ToDictionary(pair => pair.Key, pair => pair.Value);
        if (isOneGraph)
        {
            using OnnxGraph graph = model.Import(known: known);
            using TensorCollection compiled = Compiled(graph, inputs);
            RequireSame(expected, compiled);
        }
        else
        {
            Assert.True(Assert.Throws<OnnxUnsupportedException>(() => model.Import(known: known)).DependsOnData);
        }

        foreach (Tensor input in inputs.Values)
        {
            input.Dispose();
        }
    }

    [Fact]
    public void Loops_and_functions_that_would_never_end_are_refused()
    {
        OnnxBuilder body = new OnnxBuilder().Input("i", ElementType.Int64).Input("go", ElementType.Bool).Input("s", 1)
            .Output("go").Output("t").Node("Add", "s s", "t");
        OnnxBuilder outer = new OnnxBuilder().Input("i", ElementType.Int64).Input("go", ElementType.Bool).Input("s", 1)
            .Output("go")
            .Output("t").Longs("many", 9000).Node("Loop", "many go s", "t", ("body", body.Proto.Graph));
        OnnxBuilder endless = new OnnxBuilder().Input("x", 1).Output("y").Longs("many", 9000)
            .Node("Loop", "many - x", "y", ("body", outer.Proto.Graph));
        using OnnxModel loops = endless.Read();
        Assert.Contains(
            "more than 100000 nodes", Assert.Throws<CnnFormatException>(() => loops.Import()).Message, StringComparison.Ordinal);

        OnnxBuilder call = new OnnxBuilder().Input("x", 1).Output("y").Node("Twice", "x", "y");
        call.Proto.Graph.Node[0].Domain = "own";
        call.Proto.OpsetImport.Add(new CnnNative.Onnx.Schema.OperatorSetIdProto { Domain = "own", Version = 1 });
        CnnNative.Onnx.Schema.FunctionProto function = new()
        {
            Name = "Twice",
            Domain = "own",
            Input = { "a" },
            Output = { "b" },
        };
        function.OpsetImport.AddRange(call.Proto.OpsetImport);
        function.Node.Add(new CnnNative.Onnx.Schema.NodeProto
        {
            OpType = "Twice",
            Domain = "own",
            Input = { "a" },
            Output = { "b" },
        });
        call.Proto.Functions.Add(function);
        using OnnxModel calls = call.Read();
        Assert.Contains(
            "nested more than 32 deep", Assert.Throws<CnnFormatException>(() => calls.Import()).Message,
            StringComparison.Ordinal);
    }

    /// <summary>Inputs of float32 come from a fixed sequence, all others from the settings.</summary>
    private static Dictionary<string, Tensor> Inputs(OnnxModel model, string settings)
    {
        Dictionary<string, string> given = settings.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        Dictionary<string, Tensor> inputs = [];
        foreach (OnnxValue input in model.Inputs)
        {
            Shape shape = new([.. input.Dimensions!.Select(dimension => dimension.Size)]);
            inputs[input.Name] = input.Type switch
            {
                ElementType.Bool => Tensor.From<bool>([bool.Parse(given[input.Name])], shape),
                ElementType.Int64 => Tensor.From<long>([long.Parse(given[input.Name], null)], shape),
                _ => Tensor.FromSpan(OnnxBuilder.Values((int)shape.ElementCount, input.Name.Length), shape),
            };
        }

        return inputs;
    }

    private static TensorCollection Compiled(OnnxGraph graph, Dictionary<string, Tensor> inputs)
    {
        using CompiledModel model = CompiledModel.Compile(graph.Graph);
        using Session session = model.CreateSession([.. graph.Inputs.Select(port => port.GraphShape)]);
        foreach (OnnxPort port in graph.Inputs)
        {
            session.SetInput(port.Name, inputs[port.Name], TensorLayout.Source);
        }

        session.Run(TestContext.Current.CancellationToken);
        TensorCollection outputs = [];
        foreach (OnnxPort port in graph.Outputs)
        {
            outputs.Add(port.Name, session.GetOutput(port.Name, TensorLayout.Source));
        }

        return outputs;
    }

    private static void RequireSame(TensorCollection expected, TensorCollection actual)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        foreach (string name in expected.Keys)
        {
            // Up to six layers of sums of 27 products.
            Assert.Equal(expected[name].Shape, actual[name].Shape);
            Assert.True(actual[name].IsClose(expected[name], 1e-5f, 1e-5f), $"{name}: {actual[name]}, expected {expected[name]}");
        }
    }
}
