// A model in this library, as a program would load and run it.


namespace CnnNative.Benchmarks.Comparing;

internal sealed class OurContender : IContender
{
    private readonly ComputeContext _context;
    private readonly CompiledModel _model;
    private readonly Session _session;
    private readonly IReadOnlyList<ModelInput> _inputs;
    private readonly OnnxGraph _graph;
    private readonly OnnxModel _onnx;
    private readonly List<string> _names = [];
    private readonly List<float[]> _outputs = [];

    public OurContender(string path, int threads, IReadOnlyList<ModelInput> inputs)
    {
        _inputs = inputs;
        _context = new ComputeContext(threads: threads);
        _onnx = OnnxModel.Load(path);
        _graph = _onnx.Import(inputs.ToDictionary(i => i.Name, i => new Shape(i.Dimensions)));
        _model = CompiledModel.Compile(_graph.Graph, new CompileOptions { Context = _context });
        _session = _model.CreateSession(_graph.Inputs.Select(i => i.GraphShape).ToArray());
        for (int i = 0; i < _graph.Outputs.Count; i++)
        {
            _names.Add(_graph.Outputs[i].Name);
            _outputs.Add(new float[_session.OutputShape(i).ElementCount]);
        }
    }

    public IReadOnlyList<string> Outputs => _names;

    public void Run()
    {
        for (int i = 0; i < _inputs.Count; i++)
        {
            _session.SetInput(i, _inputs[i].Values<float>(), _graph.Inputs[i].IsPlain ? TensorLayout.Nhwc : TensorLayout.Nchw);
        }

        _session.Run();
        for (int i = 0; i < _outputs.Count; i++)
        {
            _session.GetOutput(i, _outputs[i], _graph.Outputs[i].IsPlain ? TensorLayout.Nhwc : TensorLayout.Nchw);
        }
    }

    public ReadOnlySpan<float> Output(string name) => _outputs[_names.IndexOf(name)];

    public void Dispose()
    {
        _session.Dispose();
        _model.Dispose();
        _graph.Dispose();
        _onnx.Dispose();
        _context.Dispose();
    }
}
