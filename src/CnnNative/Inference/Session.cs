// One line of runs of a compiled model: its own inputs, outputs and working memory. Making one is cheap, running it allocates
// nothing.

using System.Diagnostics;
using CnnNative.Graphs;
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
    private readonly IKernels _kernels;
    private Tensor? _staging;
    private int _disposed;

    internal Session(CompiledModel model, SharedProgram program, InferenceRun run, IKernels kernels)
    {
        _model = model;
        _program = program;
        _run = run;
        _kernels = kernels;
    }

    /// <summary>Bytes that a run works in, inputs and outputs included.</summary>
    public long WorkspaceBytes => _program.Program.Plan.Bytes;

    /// <summary>What each pass did: those of the model, and those that concern memory.</summary>
    public IReadOnlyList<PassReport> Passes => [.. _model.Passes, .. _program.Program.Passes];

    /// <summary>The shape of an input.</summary>
    /// <param name="index">Which input.</param>
    public Shape InputShape(int index = 0) => _run.Input(index).Shape;

    /// <summary>The shape of an output.</summary>
    /// <param name="index">Which output.</param>
    public Shape OutputShape(int index = 0) => _run.Output(index).Shape;

    /// <summary>Sets an input. Every input is set before every run, because a run may overwrite it.</summary>
    /// <param name="index">Which input.</param>
    /// <param name="values">Its elements.</param>
    /// <param name="layout">The order of the elements of a batch of pictures.</param>
    /// <exception cref="ShapeException">The number of elements is not that of the input, or an input that has not four dimensions
    /// is given in another layout.</exception>
    public void SetInput(int index, ReadOnlySpan<float> values, TensorLayout layout = TensorLayout.Nhwc)
    {
        Tensor input = _run.Input(index);
        if (layout == TensorLayout.Nhwc)
        {
            input.CopyFrom(values);
            return;
        }

        Shape shape = input.Shape;
        if (shape.Rank != 4)
        {
            throw new ShapeException($"Session: input {index} is {shape}; only a batch of pictures can be given as NCHW.");
        }

        using Tensor channelsFirst = Staging(shape.ElementCount).View(0, (shape[0], shape[3], shape[1], shape[2]));
        channelsFirst.CopyFrom(values);
        _kernels.Transpose(Layout.NchwToNhwc, channelsFirst, input);
    }

    /// <summary>Copies an output out after a run.</summary>
    /// <param name="index">Which output.</param>
    /// <param name="values">Receives its elements; at least as long as it has elements.</param>
    /// <param name="layout">The order of the elements of a batch of pictures.</param>
    /// <exception cref="ShapeException">The span is too short, or an output that has not four dimensions is wanted in another
    /// layout.</exception>
    public void GetOutput(int index, Span<float> values, TensorLayout layout = TensorLayout.Nhwc)
    {
        Tensor output = _run.Output(index);
        if (layout == TensorLayout.Nhwc)
        {
            output.CopyTo(values);
            return;
        }

        Shape shape = output.Shape;
        if (shape.Rank != 4)
        {
            throw new ShapeException($"Session: output {index} is {shape}; only a batch of pictures can be taken as NCHW.");
        }

        using Tensor channelsFirst = Staging(shape.ElementCount).View(0, (shape[0], shape[3], shape[1], shape[2]));
        _kernels.Transpose(Layout.NhwcToNchw, output, channelsFirst);
        channelsFirst.CopyTo(values);
    }

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
            _run.Dispose();
            _staging?.Dispose();
            _model.Return(_program);
        }
    }

    private Tensor Staging(long elements)
    {
        if (_staging is null || _staging.ElementCount < elements)
        {
            _staging?.Dispose();
            _staging = Tensor.Uninitialized(checked((int)elements));
        }

        return _staging;
    }
}
