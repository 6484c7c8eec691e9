// The tests that ONNX keeps for its own backends: a model, and folders of inputs with the outputs that are expected. Used by the
// test suite, and by the benchmark program, which prints a table of them.

using System.Globalization;
using System.Text;
using CnnNative.Imaging;
using CnnNative.Kernels;
using CnnNative.Onnx.Reading;
using CnnNative.Onnx.Running;
using CnnNative.Onnx.Schema;

namespace CnnNative.Tests.Onnx;

/// <summary>How a test ended.</summary>
internal enum ConformanceOutcome
{
    /// <summary>All outputs are as expected.</summary>
    Passed,

    /// <summary>An output differs, or an error came that should not.</summary>
    Failed,

    /// <summary>The model needs what is not there.</summary>
    Unsupported,
}

/// <summary>The result of one test.</summary>
internal sealed record ConformanceResult(string Name, string Kind, ConformanceOutcome Outcome, string Message);

/// <summary>Runs tests in a folder.</summary>
/// <param name="kernels">What computes.</param>
/// <param name="ofLargest">What an element may differ besides ONNX's tolerance, as a part of the largest element of its tensor: 0
/// for single operators; for whole networks, whose sums differ in their order from one program to the next, a few units of
/// rounding.</param>
internal sealed class ConformanceSuite(IKernels kernels, double ofLargest = 0)
{
    // The tolerance of ONNX's own runner.
    private const double Relative = 1e-3, Absolute = 1e-7;

    /// <summary>The tests below a folder: every folder with a model in it, and every light model.</summary>
    public static IEnumerable<string> Find(string root) =>
        Directory.EnumerateFiles(root, "*.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    /// <summary>Runs one model on all of its data.</summary>
    /// <param name="path">The model.</param>
    public ConformanceResult Run(string path)
    {
        bool isArrays = File.Exists(Path.ChangeExtension(path, ".input.npy"));
        bool isLight = Path.GetFileName(path) != "model.onnx" && !isArrays;
        string name = isLight || isArrays ? Path.GetFileNameWithoutExtension(path)
            : Path.GetFileName(Path.GetDirectoryName(path)!);
        string kind = "?";
        try
        {
            using OnnxModel model = OnnxModel.Load(path);
            kind = isLight ? "light" : KindOf(model, name);
            OnnxRunner runner = new(model, kernels, ImageTensor.Decode);
            string message = isArrays ? RunArrays(model, runner, path)
                : isLight ? RunLight(model, runner, path)
                : string.Concat(Directory.GetDirectories(Path.GetDirectoryName(path)!, "test_data_set_*").Order(
                    StringComparer.Ordinal)
                    .Select(folder => RunSet(model, runner, folder)));
            kind = isArrays ? $"{runner.Nodes.Count} nodes, {runner.Nodes.Count(IsTranspose)} transposes" : kind;
            return new ConformanceResult(name, kind, message.Length == 0 ? ConformanceOutcome.Passed : ConformanceOutcome.Failed,
                message);
        }
        catch (OnnxUnsupportedException error)
        {
            return new ConformanceResult(name, kind, ConformanceOutcome.Unsupported, error.Message);
        }
#pragma warning disable CA1031 // Whatever goes wrong is the result of the test.
        catch (Exception error)
        {
            return new ConformanceResult(name, kind, ConformanceOutcome.Failed, error is ArgumentException or CnnFormatException
                ? error.Message : error.ToString());
        }
#pragma warning restore CA1031
    }

    /// <summary>A table of operators with how many of their tests passed, failed or are not supported, and all that did not
    /// pass.</summary>
    public static string Report(IReadOnlyCollection<ConformanceResult> results)
    {
        StringBuilder text = new();
        foreach (var group in results.GroupBy(result => result.Kind).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{group.Key,-32} {Count(group, 0),5} passed {Count(group, 1),4} failed {Count(group, 2),4} unsupported");
        }

        foreach (ConformanceResult result in results.Where(result => result.Outcome != ConformanceOutcome.Passed))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{result.Outcome}: {result.Name}: {result.Message}");
        }

        return text.AppendLine(CultureInfo.InvariantCulture,
            $"{Count(results, 0)} passed, {Count(results, 1)} failed, {Count(results, 2)} unsupported").ToString();

        static int Count(IEnumerable<ConformanceResult> results, int outcome) =>
            results.Count(result => (int)result.Outcome == outcome);
    }

    /// <summary>The rarest operator of a model stands for the test; of an expanded function that is the function.</summary>
    private static string KindOf(OnnxModel model, string name) => model.Proto.Graph.Node.Count == 1
        ? model.Proto.Graph.Node[0].OpType
        : name.Contains("expanded", StringComparison.Ordinal) ? "(expanded functions)" : "(several operators)";

    /// <summary>Whether a node only turns dimensions around.</summary>
    public static bool IsTranspose(GraphNode node) => node.Operator.Kind.EndsWith("Transpose", StringComparison.Ordinal);

    /// <summary>Reads a tensor file; the caller disposes the tensor.</summary>
    public static Tensor Read(string path) =>
        TensorReader.Read(TensorProto.Parser.ParseFrom(File.ReadAllBytes(path)), Path.GetFileName(path), ExternalData.None);

    /// <summary>One input and one output as NumPy's files, as make_models.py writes them.</summary>
    private string RunArrays(OnnxModel model, OnnxRunner runner, string path)
    {
        using Tensor input = NpyFile.Read(Path.ChangeExtension(path, ".input.npy")), expected =
            NpyFile.Read(Path.ChangeExtension(path, ".output.npy"));
        using Tensor output = runner.Run(new Dictionary<string, Tensor> { [model.Inputs[0].Name] = input })[0];
        return Compare("output", output, expected);
    }

    private string RunSet(OnnxModel model, OnnxRunner runner, string folder)
    {
        using TensorCollection inputs = [];
        for (int i = 0; i < model.Inputs.Count && File.Exists(Path.Combine(folder, $"input_{i}.pb")); i++)
        {
            inputs.Add(model.Inputs[i].Name, Read(Path.Combine(folder, $"input_{i}.pb")));
        }

        Tensor[] outputs = runner.Run(inputs);
        string message = "";
        for (int i = 0; i < outputs.Length && File.Exists(Path.Combine(folder, $"output_{i}.pb")); i++)
        {
            using Tensor expected = Read(Path.Combine(folder, $"output_{i}.pb"));
            message += Compare($"{Path.GetFileName(folder)}, output {i}", outputs[i], expected);
        }

        Array.ForEach(outputs, output => output.Dispose());
        return message;
    }

    /// <summary>The light models' input is a ramp from 0 to 1, as the runner of ONNX gives it.</summary>
    private string RunLight(OnnxModel model, OnnxRunner runner, string path)
    {
        Dictionary<string, Tensor> inputs = [];
        foreach (OnnxValue input in model.Inputs)
        {
            Shape shape = new([.. input.Dimensions!.Select(dimension => dimension.IsOpen ? 1 : dimension.Size)]);
            float[] ramp = [.. Enumerable.Range(0, (int)shape.ElementCount).Select(i => (float)i / shape.ElementCount)];
            inputs[input.Name] = Tensor.FromSpan(ramp, shape);
        }

        Tensor[] outputs = runner.Run(inputs);
        using Tensor expected = Read(path.Replace(".onnx", "_output_0.pb", StringComparison.Ordinal));
        string message = Compare("output 0", outputs[0], expected);
        foreach (Tensor tensor in (Tensor[])[.. outputs, .. inputs.Values])
        {
            tensor.Dispose();
        }

        return message;
    }

    private string Compare(string where, Tensor actual, Tensor expected)
    {
        if (actual.Shape != expected.Shape || actual.ElementType != expected.ElementType)
        {
            return $"{where}: {actual.Shape} {actual.ElementType}, expected {expected.Shape} {expected.ElementType}. ";
        }

        double[] found = CnnNative.Operators.TypedDispatch.ToDoubles(actual), wanted =
            CnnNative.Operators.TypedDispatch.ToDoubles(expected);
        double extra = ofLargest * wanted.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
        int wrong = 0, worst = -1;
        for (int i = 0; i < found.Length; i++)
        {
            bool near = found[i].Equals(wanted[i]) ||
                Math.Abs(found[i] - wanted[i]) <= Absolute + extra + Relative * Math.Abs(wanted[i]);
            if (!near)
            {
                wrong++;
                worst = worst < 0 || Math.Abs(found[i] - wanted[i]) > Math.Abs(found[worst] - wanted[worst]) ? i : worst;
            }
        }

        return wrong == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture,
                $"{where}: {wrong} of {found.Length} differ, element {worst} is {found[worst]}, expected {wanted[worst]}. ");
    }
}
