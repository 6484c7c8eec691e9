// Loss and metrics of a network on a data set, with the weights as they are when it begins. Losses see the values before a
// softmax at the end, metrics see the outputs themselves.

using System.Diagnostics;
using CnnNative.Kernels;

namespace CnnNative.Training;

/// <summary>Evaluates a network. Not safe to use from several threads at once.</summary>
internal sealed class Evaluator
{
    private readonly Graph _graph;
    private readonly TrainedOutput[] _losses;
    private readonly int[] _lossValues;
    private readonly MetricSet _metrics;
    private readonly (int Output, int Loss, MetricFeed Feed)[] _feeds;
    private readonly IKernels _kernels;
    private readonly FieldMap _map;

    /// <summary>Prepares to evaluate.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="losses">The losses; the outputs that metrics are of have one.</param>
    /// <param name="metrics">The metrics.</param>
    /// <param name="schema">The data.</param>
    /// <param name="kernels">What computes.</param>
    /// <exception cref="ArgumentException">A metric is of an output without a loss, or the data does not fit.</exception>
    public Evaluator(Graph graph, LossSet losses, MetricSet metrics, DataSchema schema, IKernels kernels)
    {
        (Graph trained, _losses) = TrainingGraph.Create(graph, losses, passes: false);
        _metrics = metrics;
        _kernels = kernels;
        List<GraphOutput> outputs = [.. trained.Outputs];
        _lossValues = [.. Enumerable.Range(0, outputs.Count)];
        List<(int Output, int Loss, MetricFeed Feed)> feeds = [];
        foreach (IGrouping<string, OutputMetric> group in metrics.GroupBy(metric => metric.Output ?? _losses[0].Name))
        {
            int loss = Array.FindIndex(_losses, output => output.Name == group.Key);
            if (loss < 0)
            {
                throw new ArgumentException(
                    $"The metric '{group.First().Name}' is of the output '{group.Key}', expected one with a loss: " +
                    $"{string.Join(", ", _losses.Select(output => output.Name))}.");
            }

            GraphValue whole = graph.Outputs.First(output => output.Name == group.Key).Value;
            int index = loss;
            if (!ReferenceEquals(whole, outputs[loss].Value))
            {
                index = outputs.Count;
                outputs.Add(new GraphOutput($"{group.Key}, whole", whole));
            }

            int ignored = _losses[loss].Loss is CrossEntropyLoss entropy ? entropy.IgnoreIndex : int.MinValue;
            feeds.Add((index, loss, new MetricFeed(group.Key, [.. group.Select(metric => metric.Metric)], ignored)));
        }

        _feeds = [.. feeds];
        _graph = new Graph(graph.Inputs, outputs).Borrowing(graph);
        _map = FieldMap.Create(_graph, [.. _losses.Select(output => output.Name)], schema);
    }

    /// <summary>The names of the values.</summary>
    public IEnumerable<string> Names => _metrics.Select(metric => metric.Name).Prepend("loss");

    /// <summary>Runs over the data once.</summary>
    /// <exception cref="OperationCanceledException">The evaluation was cancelled.</exception>
    /// <exception cref="DataException">A sample cannot be read.</exception>
    public Evaluation Run(DataLoader loader, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        foreach (OutputMetric metric in _metrics)
        {
            metric.Metric.Reset();
        }

        MeanLoss mean = new();
        List<EvaluationProgram> programs = [];
        int samples = 0;
        try
        {
            using DataEpoch epoch = loader.Open(0, cancellationToken: cancellation);
            while (epoch.MoveNext())
            {
                _map.Take(epoch.Current);
                EvaluationProgram program = ProgramFor(programs);
                mean.Update(program.Run(_map), epoch.Current.Count);
                samples += epoch.Current.Count;
                foreach ((int output, int loss, MetricFeed feed) in _feeds)
                {
                    feed.Update(program.Output(output), _map.Targets[loss]);
                }
            }
        }
        finally
        {
            // The first one owns the memory that the others work in.
            programs.Reverse();
            programs.ForEach(program => program.Dispose());
        }

        return new Evaluation(mean.Result, Values(mean), samples, Stopwatch.GetElapsedTime(start));
    }

    private Dictionary<string, double> Values(MeanLoss loss)
    {
        Dictionary<string, double> values = new(StringComparer.Ordinal) { [loss.Name] = loss.Result };
        foreach (OutputMetric metric in _metrics)
        {
            values[metric.Name] = metric.Metric.Result;
        }

        return values;
    }

    private EvaluationProgram ProgramFor(List<EvaluationProgram> programs)
    {
        foreach (EvaluationProgram known in programs)
        {
            if (known.Fits(_map))
            {
                return known;
            }
        }

        EvaluationProgram program = new(
            _graph, _losses, _lossValues, _map, _kernels, programs.Count > 0 ? programs[0].Workspace : null);
        programs.Add(program);
        return program;
    }
}
