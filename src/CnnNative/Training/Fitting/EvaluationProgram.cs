// A network compiled for evaluation with batches of one shape, with its losses.

using CnnNative.Graphs;
using CnnNative.Kernels;

namespace CnnNative.Training;

/// <summary>Outputs and loss of batches of one shape, with the weights of the moment when it was made.</summary>
internal sealed class EvaluationProgram : IDisposable
{
    private readonly TrainedOutput[] _outputs;
    private readonly int[] _values;
    private readonly Shape[] _inputShapes;
    private readonly Shape[] _targetShapes;
    private readonly IKernels _kernels;
    private readonly InferenceProgram _program;
    private readonly InferenceRun _run;
    private readonly PreparedLoss[] _losses;

    public EvaluationProgram(
        Graph graph, TrainedOutput[] outputs, int[] values, FieldMap map, IKernels kernels, Workspace? shared)
    {
        _outputs = outputs;
        _values = values;
        _kernels = kernels;
        _inputShapes = [.. map.Inputs.Select(input => input.Shape)];
        _targetShapes = [.. map.Targets.Select(target => target.Shape)];
        _program = new InferenceProgram(graph, _inputShapes, kernels);
        _losses = new PreparedLoss[outputs.Length];
        try
        {
            _run = _program.CreateRun(shared);
            for (int i = 0; i < outputs.Length; i++)
            {
                _losses[i] = outputs[i].Loss.Prepare(kernels, _run.Output(values[i]).Shape, _targetShapes[i]);
            }
        }
        catch
        {
            Free();
            throw;
        }
    }

    /// <summary>The memory that it works in.</summary>
    public Workspace Workspace => _run.Workspace;

    /// <summary>Whether it is for the batch that the map took last.</summary>
    public bool Fits(FieldMap map)
    {
        for (int i = 0; i < _inputShapes.Length; i++)
        {
            if (map.Inputs[i].Shape != _inputShapes[i])
            {
                return false;
            }
        }

        for (int i = 0; i < _targetShapes.Length; i++)
        {
            if (map.Targets[i].Shape != _targetShapes[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Computes the outputs and the weighted sum of the losses.</summary>
    public double Run(FieldMap map)
    {
        for (int i = 0; i < _inputShapes.Length; i++)
        {
            _kernels.Copy(map.Inputs[i], _run.Input(i));
        }

        _run.Execute();
        double total = 0;
        for (int i = 0; i < _losses.Length; i++)
        {
            total += _outputs[i].Weight * _losses[i].Run(_run.Output(_values[i]), map.Targets[i], gradient: null);
        }

        return total;
    }

    /// <summary>An output of the graph, until the next run.</summary>
    public Tensor Output(int index) => _run.Output(index);

    public void Dispose() => Free();

    private void Free()
    {
        foreach (PreparedLoss? loss in _losses)
        {
            loss?.Dispose();
        }

        _run?.Dispose();
        _program.Dispose();
    }
}
