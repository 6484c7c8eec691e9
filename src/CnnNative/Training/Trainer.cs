// Training in single steps: forward, losses, backward, optimiser. All memory is planned when a batch shape is first seen; a step
// then allocates nothing. Epochs, data and files are the business of those who call it.

using CnnNative.Graphs;
using CnnNative.Kernels;
using CnnNative.Operators;
using CnnNative.Training;

namespace CnnNative;

/// <summary>Trains a network, step by step.</summary>
/// <remarks>Not safe to use from several threads at once. While it lives, the parameters of the network lie side by side in one
/// block of memory; they keep their values when it is disposed. A network has one trainer at a time. The same seed, data and
/// options give the same weights, bit for bit, for any number of threads.</remarks>
public sealed class Trainer : IDisposable
{
    private const int MaxPrograms = 4;

    private readonly Model? _model;
    private readonly TrainerOptions _options;
    private readonly IKernels _kernels;
    private readonly TrainedOutput[] _outputs;
    private readonly OptimizerState _optimizer;
    private readonly List<BatchProgram> _programs = [];
    private readonly StatisticsBackup _statistics;
    private readonly Tensor[] _input = new Tensor[1];
    private readonly Tensor[] _target = new Tensor[1];
    private readonly bool[] _trainable;
    private int _pending;
    private int _firstSamples;
    private long _pendingSamples;

    /// <summary>Prepares to train a model.</summary>
    /// <param name="model">The model; it outlives the trainer. Call its <see cref="Model.WeightsChanged"/> after steps and before
    /// predictions; disposing the trainer does so too.</param>
    /// <param name="options">How; the defaults if null.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or a loss does not belong to an output.</exception>
    public Trainer(Model model, TrainerOptions? options = null)
        : this(model?.Graph ?? throw new ArgumentNullException(nameof(model)), options)
    {
        _model = model;
        model.WeightsChanged();
    }

    /// <summary>Prepares to train a network.</summary>
    /// <param name="graph">The network; it outlives the trainer.</param>
    /// <param name="options">How; the defaults if null.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or a loss does not belong to an output.</exception>
    public Trainer(Graph graph, TrainerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        _options = options ?? new TrainerOptions();
        _options.Check();
        _kernels = (_options.Context ?? ComputeContext.Default).Kernels;
        (Graph, _outputs) = TrainingGraph.Create(graph, _options.Loss);
        Arena = new ParameterArena(Graph);
        try
        {
            _optimizer = new OptimizerState(_options.Optimizer, Arena, _kernels);
            Average = _options.Average is { } average ? new WeightAverage(average, Arena, _kernels) : null;
            _statistics = new StatisticsBackup(Arena, _kernels);
        }
        catch
        {
            Arena.Dispose();
            _optimizer?.Dispose();
            Average?.Dispose();
            throw;
        }

        _trainable = [.. Graph.Parameters.Select(parameter => parameter.Trainable)];
        LearningRate = _options.Optimizer.LearningRate;
    }

    /// <summary>Steps that changed the weights.</summary>
    public long Steps => _optimizer.Steps;

    /// <summary>The learning rate of the next steps.</summary>
    public double LearningRate { get; set; }

    /// <summary>Momentum, or beta1 of Adam, of the next steps; null for the optimiser's own. Above 0 and below 1; an optimiser
    /// without momentum takes no notice.</summary>
    public double? Momentum { get; set; }

    /// <summary>The part of the network that is trained.</summary>
    internal Graph Graph { get; }

    /// <summary>The parameters and their gradients.</summary>
    internal ParameterArena Arena { get; }

    /// <summary>What the optimiser remembers.</summary>
    internal OptimizerState Optimizer => _optimizer;

    /// <summary>The average of the weights; null where none is kept.</summary>
    internal WeightAverage? Average { get; }

    /// <summary>The outputs with a loss.</summary>
    internal ReadOnlySpan<TrainedOutput> Outputs => _outputs;

    /// <summary>Batches that were run, which number the random numbers of layers.</summary>
    internal long BatchesRun { get; set; }

    /// <summary>Batches whose gradients wait for the next change of the weights.</summary>
    internal int Pending => _pending;

    /// <summary>The memory that layers work in, for the largest batch so far.</summary>
    internal long WorkspaceBytes => _programs.Count == 0 ? 0 : _programs.Max(program => program.Executor.Plan.Bytes);

    /// <summary>Sees the predictions of each step.</summary>
    internal IPredictionObserver? Observer { get; set; }

    /// <summary>Trains on a batch of a network with one input and one loss.</summary>
    /// <param name="input">The input, batch first.</param>
    /// <param name="target">What is expected.</param>
    /// <inheritdoc cref="Step(IReadOnlyList{Tensor}, IReadOnlyList{Tensor})"/>
    public TrainingStep Step(Tensor input, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(target);
        (_input[0], _target[0]) = (input, target);
        return Step(_input, _target);
    }

    /// <summary>Trains on a batch: computes losses and gradients, and changes the weights, unless gradients of more batches are
    /// accumulated first. The first batch of each shape plans memory; the others allocate nothing.</summary>
    /// <param name="inputs">The inputs of the network in their order, batch first.</param>
    /// <param name="targets">The targets of the losses in their order, batch first.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="ShapeException">A tensor does not fit.</exception>
    /// <exception cref="ArgumentException">A target is out of range; the weights are as before.</exception>
    /// <exception cref="TrainingDivergedException">The loss or a gradient is NaN or infinite; the weights and running statistics
    /// are as before.</exception>
    /// <exception cref="InsufficientMemoryException">No plan fits the memory budget, or the system gave no memory.</exception>
    public TrainingStep Step(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> targets)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(targets);
        NoticeFreezing();
        BatchProgram program = ProgramFor(inputs, targets);
        if (_pending == 0)
        {
            BeginUpdate(inputs[0].Shape[0]);
        }

        RunState state = new(_options.Seed, BatchesRun + 1);
        double factor = (double)inputs[0].Shape[0] / _firstSamples;
        double loss;
        try
        {
            loss = program.Forward(inputs, targets, in state, factor, Observer);
        }
        catch
        {
            Discard();
            throw;
        }

        if (!double.IsFinite(loss))
        {
            throw Diverged(program, inputs, targets, in state, loss);
        }

        program.Executor.Backward(in state);
        BatchesRun++;
        _pending++;
        _pendingSamples += inputs[0].Shape[0];
        return _pending < _options.AccumulationSteps
            ? new TrainingStep(loss, double.NaN, Updated: false)
            : new TrainingStep(loss, Update(), Updated: true);
    }

    /// <summary>Changes the weights by the gradients that were accumulated, if there are some, without waiting for
    /// more.</summary>
    /// <exception cref="TrainingDivergedException">A gradient is NaN or infinite.</exception>
    public void Flush()
    {
        if (_pending > 0)
        {
            Update();
        }
    }

    /// <summary>Frees plans, gradients and what the optimiser remembers. The parameters keep their values.</summary>
    public void Dispose()
    {
        ClearPrograms();
        _statistics.Dispose();
        Average?.Dispose();
        _optimizer.Dispose();
        Arena.Dispose();
        _model?.WeightsChanged();
    }

    /// <summary>Forgets accumulated gradients; weights and running statistics are those after the last change.</summary>
    internal void Discard()
    {
        _statistics.Restore();
        BatchesRun -= _pending;
        _pending = 0;
    }

    /// <summary>Plans the memory for batches of such shapes, if that was not done yet.</summary>
    internal void Prepare(Shape[] inputs, Shape[] targets)
    {
        if (!_programs.Exists(program => program.Fits(inputs, targets)))
        {
            _programs.Add(Compile(inputs, targets));
        }
    }

    private void BeginUpdate(int samples)
    {
        _statistics.Take();
        _firstSamples = samples;
        _pendingSamples = 0;
        if (_options.AccumulationSteps > 1)
        {
            Arena.ClearGradients(_kernels);
        }
    }

    private double Update()
    {
        double scale = (double)_firstSamples / _pendingSamples;
        double norm = Math.Sqrt(_kernels.SumOfSquares(Arena.Gradients)) * scale;
        if (!double.IsFinite(norm))
        {
            Discard();
            throw Divergence.OfGradient(_kernels, Arena, Graph, Steps);
        }

        scale *= _options.ClipNorm is { } limit ? GradientNorm.ClippingScale(norm, limit) : 1;
        _optimizer.Step(LearningRate, scale, Momentum);
        Average?.Update(Steps);
        _statistics.Keep();
        _pending = 0;
        return norm;
    }

    private TrainingDivergedException Diverged(
        BatchProgram program, IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> targets, in RunState state, double loss)
    {
        Discard();
        _statistics.Take();
        TrainingDivergedException error = Divergence.OfLoss(
            _kernels, program, Graph, _outputs, inputs, targets, in state, loss, Steps);
        _statistics.Restore();
        return error;
    }

    private BatchProgram ProgramFor(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> targets)
    {
        foreach (BatchProgram known in _programs)
        {
            if (known.Fits(inputs, targets))
            {
                return known;
            }
        }

        if (inputs.Count != Graph.Inputs.Count || targets.Count != _outputs.Length)
        {
            throw new ShapeException(
                $"Trainer: {inputs.Count} inputs and {targets.Count} targets were given, " +
                $"expected {Graph.Inputs.Count} and {_outputs.Length}.");
        }

        if (_programs.Count == MaxPrograms)
        {
            ClearPrograms();
        }

        BatchProgram program = Compile([.. inputs.Select(input => input.Shape)], [.. targets.Select(target => target.Shape)]);
        _programs.Add(program);
        return program;
    }

    private BatchProgram Compile(Shape[] inputs, Shape[] targets)
    {
        TrainingRequest request = TrainingGraph.Request(Graph, _outputs, _options.AccumulationSteps > 1);
        if (_options.MemoryBudget is { } budget)
        {
            long rest = TrainingMemory.WithoutWorkspace(Arena, _options);
            GraphShapes shapes = new(Graph, inputs);
            RecomputationPlan plan = RecomputationPlan.Choose(Graph, shapes, request, budget - rest, rest);
            request = request with { Keeps = plan.Kept.Contains };
        }

        Workspace? shared = _programs.Count > 0 ? _programs[0].Executor.Workspace : null;
        TrainingExecutor executor = new(Graph, inputs, _kernels, Arena, request, shared);
        return new BatchProgram(executor, _kernels, _outputs, inputs, targets);
    }

    private void ClearPrograms()
    {
        // The first one may own the memory that the others work in.
        for (int i = _programs.Count - 1; i >= 0; i--)
        {
            _programs[i].Dispose();
        }

        _programs.Clear();
    }

    /// <summary>What is frozen needs no gradient, so programs are made anew when that changes.</summary>
    private void NoticeFreezing()
    {
        bool changed = false;
        for (int i = 0; i < _trainable.Length; i++)
        {
            bool now = Graph.Parameters[i].Trainable;
            changed |= now != _trainable[i];
            _trainable[i] = now;
        }

        if (changed)
        {
            Discard();
            ClearPrograms();
            Arena.ClearGradients(_kernels);
            _optimizer.Arrange();
        }
    }
}
