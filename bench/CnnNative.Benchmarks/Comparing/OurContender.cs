// A model in this library, as a program would load and run it.

namespace CnnNative.Benchmarks.Comparing;

internal sealed class OurContender : IContender
{
    private readonly ComputeContext _context;
    private readonly CompiledModel _model;
    private readonly Session _session;
    private readonly (ModelInput Input, int Index)[] _inputs;
    private readonly List<string> _names = [];
    private readonly List<int> _indices = [];
    private readonly List<float[]> _outputs = [];

    public OurContender(string path, int threads, IReadOnlyList<ModelInput> inputs)
    {
        Dictionary<string, Shape> shapes = inputs.ToDictionary(input => input.Name, input => new Shape(input.Dimensions));
        _context = new ComputeContext(threads: threads);
        _model = CompiledModel.Load(path, new CompileOptions { Context = _context, InputShapes = shapes });
        _session = _model.CreateSession([.. _model.Inputs.Select(input => InGraph(input, shapes[input.Name]))]);
        _inputs = [.. inputs.Select(input => (input, _session.InputIndex(input.Name)))];
        for (int i = 0; i < _model.Outputs.Count; i++)
        {
            if (_session.OutputType(i) == ElementType.Float32)
            {
                _names.Add(_model.Outputs[i]);
                _indices.Add(i);
                _outputs.Add(new float[_session.OutputShape(i).ElementCount]);
            }
        }
    }

    public IReadOnlyList<string> Outputs => _names;

    public bool IsHalfPrecision => false;

    public void Run()
    {
        foreach ((ModelInput input, int index) in _inputs)
        {
            Set(input, index);
        }

        _session.Run();
        for (int i = 0; i < _outputs.Count; i++)
        {
            _session.GetOutput(_indices[i], _outputs[i], TensorLayout.Source);
        }
    }

    public ReadOnlySpan<float> Output(string name) => _outputs[_names.IndexOf(name)];

    public void Dispose()
    {
        _session.Dispose();
        _model.Dispose();
        _context.Dispose();
    }

    /// <summary>The dimensions of the file in the order of the graph.</summary>
    private static Shape InGraph(GraphInput input, Shape shape) => input.SourceOrder is { } order
        ? new Shape([.. order.Select(dimension => shape[dimension])])
        : shape;

    private void Set(ModelInput input, int index)
    {
        switch (input.Type)
        {
            case TypeCode.Single: _session.SetInput(index, input.Values<float>(), TensorLayout.Source); break;
            case TypeCode.Int64: _session.SetInput(index, input.Values<long>(), TensorLayout.Source); break;
            case TypeCode.Int32: _session.SetInput(index, input.Values<int>(), TensorLayout.Source); break;
            case TypeCode.SByte: _session.SetInput(index, input.Values<sbyte>(), TensorLayout.Source); break;
            case TypeCode.Boolean: _session.SetInput(index, input.Values<bool>(), TensorLayout.Source); break;
            default: _session.SetInput(index, input.Values<byte>(), TensorLayout.Source); break;
        }
    }
}
