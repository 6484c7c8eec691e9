// The networks that are compared, with the batch and the floor of each. What they are made of stands twice: once in the terms of
// this library, once in those of the peer.

namespace TrainingBenchmarks;

/// <summary>One network of the comparison.</summary>
/// <param name="Name">Its name in the report.</param>
/// <param name="Batch">Samples of a step.</param>
/// <param name="Input">Height, width and channels of a sample.</param>
/// <param name="UsesAdam">Whether it is trained with Adam; else with SGD and momentum.</param>
/// <param name="Floors">The ratio of speeds that we want to reach at least, with one thread and with two.</param>
internal sealed record BenchmarkNet(
    string Name, int Batch, (int Height, int Width, int Channels) Input, bool UsesAdam, (double One, double Two) Floors)
{
    public const int Classes = 10;

    public static IReadOnlyList<BenchmarkNet> All { get; } =
    [
        new("lenet5", 64, (28, 28, 1), UsesAdam: false, (3, 4)),
        new("conv4", 64, (28, 28, 1), UsesAdam: true, (2, 2)),
        new("resnet20", 128, (32, 32, 3), UsesAdam: false, (1.8, 1.8)),
    ];

    public double Floor(int threads) => threads == 1 ? Floors.One : Floors.Two;
}

/// <summary>Something that trains one step after the other.</summary>
internal interface ITrainingLoop : IDisposable
{
    /// <summary>Forward, loss, backward, optimiser.</summary>
    /// <returns>The loss.</returns>
    double Step();
}
