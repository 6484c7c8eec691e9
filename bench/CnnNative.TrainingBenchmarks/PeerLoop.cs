// The same networks in libtorch, through TorchSharp.

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using TorchTensor = TorchSharp.torch.Tensor;

namespace TrainingBenchmarks;

internal sealed class PeerLoop : ITrainingLoop
{
    private readonly nn.Module<TorchTensor, TorchTensor> _model;
    private readonly optim.Optimizer _optimizer;
    private readonly CrossEntropyLoss _loss = nn.CrossEntropyLoss();
    private readonly TorchTensor _input;
    private readonly TorchTensor _labels;

    public PeerLoop(BenchmarkNet net, int threads)
    {
        set_num_threads(threads);
        _model = net.Name switch
        {
            "lenet5" => LeNet5(),
            "conv4" => Conv4(),
            _ => ResNet20(),
        };
        _model.train();
        _optimizer = net.UsesAdam ? optim.Adam(_model.parameters(), 1e-4) : optim.SGD(_model.parameters(), 0.01, 0.9);
        _input = rand(net.Batch, net.Input.Channels, net.Input.Height, net.Input.Width);
        _labels = tensor(Enumerable.Range(0, net.Batch).Select(i => (long)(i % BenchmarkNet.Classes)).ToArray());
    }

    /// <summary>Why libtorch cannot be used on this machine; null if it can.</summary>
    public static string? Problem()
    {
        try
        {
            using TorchTensor one = ones(1);
            return null;
        }
        catch (Exception error) when (error is TypeInitializationException or DllNotFoundException or NotSupportedException)
        {
            return (error.InnerException ?? error).Message.Split('\n')[0];
        }
    }

    public double Step()
    {
        using DisposeScope scope = NewDisposeScope();
        _optimizer.zero_grad();
        TorchTensor loss = _loss.forward(_model.forward(_input), _labels);
        loss.backward();
        _optimizer.step();
        return loss.item<float>();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _model.Dispose();
        _loss.Dispose();
        _input.Dispose();
        _labels.Dispose();
    }

    private static Sequential LeNet5() => nn.Sequential(
        nn.Conv2d(1, 6, 5, padding: 2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, BenchmarkNet.Classes));

    private static Sequential Conv4() => nn.Sequential(
        nn.Conv2d(1, 32, 3, padding: 1), nn.ReLU(), nn.Conv2d(32, 32, 3, padding: 1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding: 1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding: 1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, BenchmarkNet.Classes));

    private static Sequential ResNet20()
    {
        List<nn.Module<TorchTensor, TorchTensor>> layers = [nn.Conv2d(3, 16, 3, padding: 1, bias: false), nn.BatchNorm2d(16), nn.ReLU()];
        int channels = 16;
        foreach (int filters in (int[])[16, 32, 64])
        {
            for (int block = 0; block < 3; block++)
            {
                layers.Add(new ResidualBlock(channels, filters));
                channels = filters;
            }
        }

        layers.AddRange([nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, BenchmarkNet.Classes)]);
        return nn.Sequential(layers);
    }

    private sealed class ResidualBlock : nn.Module<TorchTensor, TorchTensor>
    {
        private readonly Sequential _body;
        private readonly Sequential? _shortcut;

        public ResidualBlock(int channels, int filters)
            : base("block")
        {
            int stride = channels == filters ? 1 : 2;
            _body = nn.Sequential(
                nn.Conv2d(channels, filters, 3, stride: stride, padding: 1, bias: false), nn.BatchNorm2d(filters), nn.ReLU(),
                nn.Conv2d(filters, filters, 3, padding: 1, bias: false), nn.BatchNorm2d(filters));
            _shortcut = stride == 1
                ? null
                : nn.Sequential(nn.Conv2d(channels, filters, 1, stride: stride, bias: false), nn.BatchNorm2d(filters));
            RegisterComponents();
        }

        public override TorchTensor forward(TorchTensor input) =>
            nn.functional.relu(_body.forward(input) + (_shortcut is null ? input : _shortcut.forward(input)));
    }
}
