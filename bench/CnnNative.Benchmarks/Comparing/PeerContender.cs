// A model in ONNX Runtime with the settings that are best for one run at a time: all optimisations, nodes one after the other, and
// as many threads within a node as asked for, which spin between nodes as they do by default.

using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace CnnNative.Benchmarks.Comparing;

internal sealed class PeerContender : IContender
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly string[] _inputNames;
    private readonly OrtValue[] _inputs;
    private readonly List<string> _names = [];
    private readonly List<Array> _memory = [];
    private readonly List<OrtValue> _outputs = [];

    public PeerContender(string path, int threads, IReadOnlyList<ModelInput> inputs)
    {
        using SessionOptions options = new()
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        _session = new InferenceSession(path, options);
        _inputNames = [.. inputs.Select(input => input.Name)];
        _inputs = [.. inputs.Select(input => _session.InputMetadata[input.Name].ElementDataType == TensorElementType.Float16
            ? OrtValue.CreateTensorValueFromMemory(Narrow(input.Values<float>()), SizesOf(input))
            : ToValue(input))];
    }

    public IReadOnlyList<string> Outputs => _names;

    public bool IsHalfPrecision => _memory.Exists(values => values is Float16[]);

    public void Run()
    {
        if (_outputs.Count > 0)
        {
            _session.Run(_options, _inputNames, _inputs, _names, _outputs);
            return;
        }

        // The first run tells the shapes of the outputs; the others write where the first one's results were put.
        using IDisposableReadOnlyCollection<OrtValue> first = _session.Run(_options, _inputNames, _inputs, _session.OutputNames);
        for (int i = 0; i < first.Count; i++)
        {
            OrtTensorTypeAndShapeInfo info = first[i].GetTensorTypeAndShape();
            if (info.ElementDataType == TensorElementType.Float)
            {
                Keep(_session.OutputNames[i], first[i].GetTensorDataAsSpan<float>().ToArray(), info.Shape);
            }
            else if (info.ElementDataType == TensorElementType.Float16)
            {
                Keep(_session.OutputNames[i], first[i].GetTensorDataAsSpan<Float16>().ToArray(), info.Shape);
            }
        }
    }

    public ReadOnlySpan<float> Output(string name) => _memory[_names.IndexOf(name)] switch
    {
        Float16[] narrow => Array.ConvertAll(narrow, value => value.ToFloat()),
        Array wide => (float[])wide,
    };

    public void Dispose()
    {
        foreach (OrtValue value in _inputs.Concat(_outputs))
        {
            value.Dispose();
        }

        _options.Dispose();
        _session.Dispose();
    }

    private void Keep<T>(string name, T[] values, long[] shape)
        where T : unmanaged
    {
        _names.Add(name);
        _memory.Add(values);
        _outputs.Add(OrtValue.CreateTensorValueFromMemory(values, shape));
    }

    private static Float16[] Narrow(ReadOnlySpan<float> values)
    {
        Float16[] narrow = new Float16[values.Length];
        for (int i = 0; i < narrow.Length; i++)
        {
            narrow[i] = (Float16)values[i];
        }

        return narrow;
    }

    private static long[] SizesOf(ModelInput input) => Array.ConvertAll(input.Dimensions, size => (long)size);

    private static OrtValue ToValue(ModelInput input) => input.Type switch
    {
        TypeCode.Single => ToValue<float>(input),
        TypeCode.Double => ToValue<double>(input),
        TypeCode.Int64 => ToValue<long>(input),
        TypeCode.Int32 => ToValue<int>(input),
        TypeCode.Byte => ToValue<byte>(input),
        TypeCode.SByte => ToValue<sbyte>(input),
        TypeCode.Boolean => ToValue<bool>(input),
        _ => throw new NotSupportedException($"input '{input.Name}' is {input.Type}, which is not compared"),
    };

    private static OrtValue ToValue<T>(ModelInput input)
        where T : unmanaged =>
        OrtValue.CreateTensorValueFromMemory(input.Values<T>().ToArray(), SizesOf(input));
}
