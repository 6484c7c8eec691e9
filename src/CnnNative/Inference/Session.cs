// One line of runs of a compiled model: its own inputs, outputs and working memory. Making one is cheap, running it allocates
// nothing.

using System.Diagnostics;
using CnnNative.Graphs;
using CnnNative.Inference;
using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative;

/// <summary>Runs a <see cref="CompiledModel"/> for fixed shapes of its inputs.</summary>
/// <remarks>Not safe to use from several threads at once; make a session for each.</remarks>
public sealed class Session : IDisposable
{
    private readonly CompiledModel _model;
    private readonly SharedProgram _program;
    private readonly InferenceRun _run;
    private readonly SessionPort[] _inputs;
    private readonly SessionPort[] _outputs;
    private int _disposed;

    internal Session(CompiledModel model, SharedProgram program, InferenceRun run, IKernels kernels)
    {
        _model = model;
        _program = program;
        _run = run;
        _inputs =
        [
            .. model.Graph.Inputs.Select((value, i) =>
                new SessionPort($"input '{value.Name}'", run.Input(i), value.Input!.SourceOrder, kernels)),
        ];
        _outputs =
        [
            .. model.Graph.Outputs.Select((output, i) =>
                new SessionPort($"output '{output.Name}'", run.Output(i), output.SourceOrder, kernels)),
        ];
    }

    /// <summary>Bytes that a run works in, inputs and outputs included.</summary>
    public long WorkspaceBytes => _program.Program.Plan.Bytes;

    /// <summary>What each pass did: those of the model, and those that concern memory.</summary>
    public IReadOnlyList<PassReport> Passes => [.. _model.Passes, .. _program.Program.Passes];

    /// <summary>Which input has a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">None has; the message lists all.</exception>
    public int InputIndex(string name) => IndexOf("input", name, _model.Graph.Inputs.Select(input => input.Name));

    /// <summary>Which output has a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">None has; the message lists all.</exception>
    public int OutputIndex(string name) => IndexOf("output", name, _model.Graph.Outputs.Select(output => output.Name));

    /// <summary>The shape of an input.</summary>
    /// <param name="index">Which input.</param>
    /// <param name="layout">The order of its dimensions.</param>
    public Shape InputShape(int index = 0, TensorLayout layout = TensorLayout.Nhwc) => _inputs[index].ShapeIn(layout);

    /// <summary>The shape of an output.</summary>
    /// <param name="index">Which output.</param>
    /// <param name="layout">The order of its dimensions.</param>
    public Shape OutputShape(int index = 0, TensorLayout layout = TensorLayout.Nhwc) => _outputs[index].ShapeIn(layout);

    /// <summary>The type of the elements of an input.</summary>
    /// <param name="index">Which input.</param>
    public ElementType InputType(int index = 0) => _run.Input(index).ElementType;

    /// <summary>The type of the elements of an output.</summary>
    /// <param name="index">Which output.</param>
    public ElementType OutputType(int index = 0) => _run.Output(index).ElementType;

    /// <summary>Sets an input. Every input is set before every run, because a run may overwrite it.</summary>
    /// <param name="index">Which input.</param>
    /// <param name="values">Its elements.</param>
    /// <param name="layout">The order of the elements.</param>
    /// <exception cref="ShapeException">The number or the type of the elements is not that of the input, or it has not the
    /// layout.</exception>
    public void SetInput(int index, ReadOnlySpan<float> values, TensorLayout layout = TensorLayout.Nhwc) =>
        SetInput<float>(index, values, layout);

    /// <summary>Sets an input by its name; see <see cref="SetInput(int, ReadOnlySpan{float}, TensorLayout)"/>.</summary>
    /// <param name="name">The name of the input.</param>
    /// <param name="values">Its elements.</param>
    /// <param name="layout">The order of the elements.</param>
    /// <exception cref="ArgumentException">No input has the name.</exception>
    /// <exception cref="ShapeException">The elements do not fit.</exception>
    public void SetInput(string name, ReadOnlySpan<float> values, TensorLayout layout = TensorLayout.Nhwc) =>
        SetInput<float>(InputIndex(name), values, layout);

    /// <summary>Sets an input of any type, such as indices; see <see cref="SetInput(int, ReadOnlySpan{float},
    /// TensorLayout)"/>.</summary>
    /// <typeparam name="T">float, double, bool or an integer: the type of the input's elements.</typeparam>
    /// <param name="index">Which input.</param>
    /// <param name="values">Its elements.</param>
    /// <param name="layout">The order of the elements.</param>
    /// <exception cref="ShapeException">The elements do not fit.</exception>
    public void SetInput<T>(int index, ReadOnlySpan<T> values, TensorLayout layout = TensorLayout.Nhwc)
        where T : unmanaged => _inputs[index].Set(values, layout);

    /// <summary>Sets an input by its name to the elements of a tensor.</summary>
    /// <param name="name">The name of the input.</param>
    /// <param name="values">A tensor of the input's shape and type.</param>
    /// <param name="layout">The order of the tensor's dimensions.</param>
    /// <exception cref="ArgumentException">No input has the name.</exception>
    /// <exception cref="ShapeException">The tensor does not fit.</exception>
    public void SetInput(string name, Tensor values, TensorLayout layout = TensorLayout.Nhwc)
    {
        ArgumentNullException.ThrowIfNull(values);
        _inputs[InputIndex(name)].Set(values, layout);
    }

    /// <summary>Copies an output out after a run.</summary>
    /// <param name="index">Which output.</param>
    /// <param name="values">Receives its elements; at least as long as it has elements.</param>
    /// <param name="layout">The order of the elements.</param>
    /// <exception cref="ShapeException">The span is too short or of another type, or the output has not the layout.</exception>
    public void GetOutput(int index, Span<float> values, TensorLayout layout = TensorLayout.Nhwc) =>
        GetOutput<float>(index, values, layout);

    /// <summary>Copies an output out by its name; see <see cref="GetOutput(int, Span{float}, TensorLayout)"/>.</summary>
    /// <param name="name">The name of the output.</param>
    /// <param name="values">Receives its elements.</param>
    /// <param name="layout">The order of the elements.</param>
    /// <exception cref="ArgumentException">No output has the name.</exception>
    /// <exception cref="ShapeException">The span does not fit.</exception>
    public void GetOutput(string name, Span<float> values, TensorLayout layout = TensorLayout.Nhwc) =>
        GetOutput<float>(OutputIndex(name), values, layout);

    /// <summary>Copies an output of any type out; see <see cref="GetOutput(int, Span{float}, TensorLayout)"/>.</summary>
    /// <typeparam name="T">float, double, bool or an integer: the type of the output's elements.</typeparam>
    /// <param name="index">Which output.</param>
    /// <param name="values">Receives its elements.</param>
    /// <param name="layout">The order of the elements.</param>
    /// <exception cref="ShapeException">The span does not fit.</exception>
    public void GetOutput<T>(int index, Span<T> values, TensorLayout layout = TensorLayout.Nhwc)
        where T : unmanaged => _outputs[index].Get(values, layout);

    /// <summary>A copy of an output, by its name.</summary>
    /// <param name="name">The name of the output.</param>
    /// <param name="layout">The order of the tensor's dimensions.</param>
    /// <returns>A tensor of the output's type, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">No output has the name.</exception>
    /// <exception cref="ShapeException">The output has not the layout.</exception>
    public Tensor GetOutput(string name, TensorLayout layout = TensorLayout.Nhwc) =>
        _outputs[OutputIndex(name)].ToTensor(layout);

    /// <summary>Runs a model of one input and one output.</summary>
    /// <param name="input">The elements of the input.</param>
    /// <param name="output">Receives the elements of the output.</param>
    /// <param name="cancellationToken">Stops the run between two operators.</param>
    /// <exception cref="ShapeException">The numbers of elements do not fit.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    public void Run(ReadOnlySpan<float> input, Span<float> output, CancellationToken cancellationToken = default)
    {
        SetInput(0, input);
        Run(cancellationToken);
        GetOutput(0, output);
    }

    /// <summary>Runs the model on the inputs that were set.</summary>
    /// <param name="cancellationToken">Stops the run between two operators.</param>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    public void Run(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        RunState state = default;
        foreach (BoundStep step in _run.Steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            step.Forward(in state);
        }
    }

    /// <summary>Runs the model on the inputs that were set, on a thread of the pool.</summary>
    /// <param name="cancellationToken">Stops the run between two operators.</param>
    /// <returns>A task that ends with the run. The session is not used before.</returns>
    public Task RunAsync(CancellationToken cancellationToken = default) =>
        Task.Run(() => Run(cancellationToken), cancellationToken);

    /// <summary>Runs a model of one input and one output, on a thread of the pool.</summary>
    /// <param name="input">The elements of the input.</param>
    /// <param name="output">Receives the elements of the output.</param>
    /// <param name="cancellationToken">Stops the run between two operators.</param>
    /// <returns>A task that ends when the output is there. The session and the memory are not used before.</returns>
    public Task RunAsync(ReadOnlyMemory<float> input, Memory<float> output, CancellationToken cancellationToken = default) =>
        Task.Run(() => Run(input.Span, output.Span, cancellationToken), cancellationToken);

    /// <summary>Measures how long each node takes. The inputs may hold anything.</summary>
    /// <param name="runs">How often; the median counts. The first run, which warms up, does not.</param>
    /// <returns>The profile.</returns>
    public SessionProfile Profile(int runs = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        BoundStep[] steps = _run.Steps;
        double[][] times = [.. steps.Select(_ => new double[runs])];
        RunState state = default;
        Run();
        for (int run = 0; run < runs; run++)
        {
            for (int i = 0; i < steps.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                steps[i].Forward(in state);
                times[i][run] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        }

        GraphShapes shapes = _program.Program.Shapes;
        return new SessionProfile([.. steps.Select((step, i) =>
        {
            Array.Sort(times[i]);
            OperatorCost cost = step.Node.Operator.Cost(shapes.InputsOf(step.Node), shapes.OutputsOf(step.Node));
            return new NodeProfile(
                step.Node.Name, step.Node.Operator.Kind, shapes[step.Node.Output].Shape, times[i][runs / 2], cost);
        })]);
    }

    /// <summary>Where an input goes before a run; undefined afterwards.</summary>
    internal Tensor Input(int index) => _run.Input(index);

    /// <summary>An output, until the next run.</summary>
    internal Tensor Output(int index) => _run.Output(index);

    /// <summary>Frees the working memory. Calling it again does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Array.ForEach(_inputs, port => port.Dispose());
            Array.ForEach(_outputs, port => port.Dispose());
            _run.Dispose();
            _model.Return(_program);
        }
    }

    private static int IndexOf(string what, string name, IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(name);
        int i = 0;
        foreach (string known in names)
        {
            if (known == name)
            {
                return i;
            }

            i++;
        }

        throw new ArgumentException(
            $"Session: the model has no {what} '{name}'; it has {string.Join(", ", names.Select(known => $"'{known}'"))}.",
            nameof(name));
    }
}
