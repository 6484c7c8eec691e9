// A network and its losses, ready for batches of one shape. A trainer has one for full batches and one for the smaller batch at
// the end of an epoch; both work in the same memory.

using CnnNative.Graphs;
using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Training;

/// <summary>Sees predictions while they exist: they are gone after the backward pass.</summary>
internal interface IPredictionObserver
{
    /// <summary>Takes in a batch.</summary>
    /// <param name="output">Which output of those with a loss.</param>
    /// <param name="prediction">What the network put out.</param>
    /// <param name="target">What was expected.</param>
    void Observe(int output, Tensor prediction, Tensor target);
}

/// <summary>Forward pass, losses and backward pass for given shapes.</summary>
internal sealed class BatchProgram : IDisposable
{
    private readonly IKernels _kernels;
    private readonly TrainedOutput[] _outputs;
    private readonly Shape[] _inputShapes;
    private readonly Shape[] _targetShapes;
    private readonly PreparedLoss[] _losses;
    private readonly Tensor _factor = Tensor.Zeros(1);

    public BatchProgram(
        TrainingExecutor executor, IKernels kernels, TrainedOutput[] outputs, Shape[] inputShapes, Shape[] targetShapes)
    {
        Executor = executor;
        _kernels = kernels;
        _outputs = outputs;
        _inputShapes = inputShapes;
        _targetShapes = targetShapes;
        _losses = new PreparedLoss[outputs.Length];
        try
        {
            for (int i = 0; i < outputs.Length; i++)
            {
                _losses[i] = Prepare(i);
                if (executor.OutputGradient(i) is null && outputs[i].Weight != 0)
                {
                    throw new ArgumentException(
                        $"Trainer: no parameter that can be trained leads to the output '{outputs[i].Name}'; " +
                        "all of them are frozen.");
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What runs the network.</summary>
    public TrainingExecutor Executor { get; }

    /// <summary>Whether the program is for such tensors.</summary>
    public bool Fits(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> targets)
    {
        if (inputs.Count != _inputShapes.Length || targets.Count != _targetShapes.Length)
        {
            return false;
        }

        for (int i = 0; i < inputs.Count; i++)
        {
            if (inputs[i].Shape != _inputShapes[i])
            {
                return false;
            }
        }

        for (int i = 0; i < targets.Count; i++)
        {
            if (targets[i].Shape != _targetShapes[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the program is for such shapes.</summary>
    public bool Fits(Shape[] inputs, Shape[] targets) =>
        inputs.SequenceEqual(_inputShapes) && targets.SequenceEqual(_targetShapes);

    /// <summary>Puts the inputs where the network reads them.</summary>
    public void Load(IReadOnlyList<Tensor> inputs)
    {
        for (int i = 0; i < inputs.Count; i++)
        {
            _kernels.Copy(inputs[i], Executor.Input(i));
        }
    }

    /// <summary>Runs the network forwards and computes the losses and their gradients.</summary>
    /// <returns>The weighted sum of the losses.</returns>
    public double Forward(
        IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> targets, in RunState state, double factor,
        IPredictionObserver? observer)
    {
        Load(inputs);
        Executor.Forward(in state);
        double total = 0;
        for (int i = 0; i < _losses.Length; i++)
        {
            Tensor prediction = Executor.Output(i);
            Tensor? gradient = Executor.OutputGradient(i);
            observer?.Observe(i, prediction, targets[i]);
            total += _outputs[i].Weight * _losses[i].Run(prediction, targets[i], gradient);
            double scale = _outputs[i].Weight * factor;
            if (gradient is not null && scale != 1)
            {
                _factor[0] = (float)scale;
                _kernels.Binary(BinaryOperation.Multiply, gradient, _factor, gradient);
            }
        }

        return total;
    }

    /// <summary>Frees everything but the kernels.</summary>
    public void Dispose()
    {
        foreach (PreparedLoss? loss in _losses)
        {
            loss?.Dispose();
        }

        _factor.Dispose();
        Executor.Dispose();
    }

    private PreparedLoss Prepare(int output)
    {
        try
        {
            return _outputs[output].Loss.Prepare(_kernels, Executor.Output(output).Shape, _targetShapes[output]);
        }
        catch (ArgumentException error) when (_outputs.Length > 1)
        {
            string message = $"Output '{_outputs[output].Name}': {error.Message}";
            throw error is ShapeException ? new ShapeException(message, error) : new ArgumentException(message, error);
        }
    }
}
