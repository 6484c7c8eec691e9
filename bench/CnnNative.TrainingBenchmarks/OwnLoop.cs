// The networks in this library.

using CnnNative;

namespace TrainingBenchmarks;

internal sealed class OwnLoop : ITrainingLoop
{
    private readonly ComputeContext _context;
    private readonly Model _model;
    private readonly Trainer _trainer;
    private readonly Tensor _input;
    private readonly Tensor _labels;

    public OwnLoop(BenchmarkNet net, int threads)
    {
        _context = new ComputeContext(threads: threads);
        _model = Create(net);
        _trainer = new Trainer(_model.Graph, new TrainerOptions
        {
            Context = _context,
            Optimizer = net.UsesAdam ? new Adam(1e-4) : new Sgd(0.01) { Momentum = 0.9 },
            Loss = new CrossEntropyLoss(),
        });
        Random random = new(1);
        _input = Tensor.Zeros((net.Batch, net.Input.Height, net.Input.Width, net.Input.Channels));
        _labels = Tensor.Zeros(net.Batch);
        using TensorAccess pixels = _input.Access();
        foreach (ref float pixel in pixels.Values)
        {
            pixel = random.NextSingle();
        }

        for (int i = 0; i < net.Batch; i++)
        {
            _labels[i] = i % BenchmarkNet.Classes;
        }
    }

    public double Step() => _trainer.Step(_input, _labels).Loss;

    public void Dispose()
    {
        _trainer.Dispose();
        _model.Dispose();
        _input.Dispose();
        _labels.Dispose();
        _context.Dispose();
    }

    private static Model Create(BenchmarkNet net)
    {
        GraphBuilder b = new();
        GraphValue x = b.Input("image", net.Input);
        x = net.Name switch
        {
            "lenet5" => LeNet5(b, x),
            "conv4" => Conv4(b, x),
            _ => ResNet20(b, x),
        };
        b.Output("logits", b.Linear(x, BenchmarkNet.Classes));
        return b.Build(seed: 1);
    }

    private static GraphValue LeNet5(GraphBuilder b, GraphValue x)
    {
        x = b.MaxPool2d(b.Relu(b.Conv2d(x, 6, 5, padding: 2)), 2);
        x = b.MaxPool2d(b.Relu(b.Conv2d(x, 16, 5)), 2);
        x = b.Relu(b.Linear(b.Flatten(x), 120));
        return b.Relu(b.Linear(x, 84));
    }

    private static GraphValue Conv4(GraphBuilder b, GraphValue x)
    {
        foreach (int filters in (int[])[32, 64])
        {
            x = b.Relu(b.Conv2d(x, filters, 3, padding: 1));
            x = b.MaxPool2d(b.Relu(b.Conv2d(x, filters, 3, padding: 1)), 2);
        }

        return b.Relu(b.Linear(b.Flatten(x), 128));
    }

    private static GraphValue ResNet20(GraphBuilder b, GraphValue x)
    {
        x = b.Relu(b.BatchNorm(b.Conv2d(x, 16, 3, padding: 1, bias: false)));
        int channels = 16;
        foreach (int filters in (int[])[16, 32, 64])
        {
            for (int block = 0; block < 3; block++)
            {
                int stride = filters == channels ? 1 : 2;
                GraphValue shortcut = stride == 1 ? x : b.BatchNorm(b.Conv2d(x, filters, 1, stride: stride, bias: false));
                GraphValue y = b.Relu(b.BatchNorm(b.Conv2d(x, filters, 3, stride: stride, padding: 1, bias: false)));
                y = b.BatchNorm(b.Conv2d(y, filters, 3, padding: 1, bias: false));
                x = b.Relu(b.Add(y, shortcut));
                channels = filters;
            }
        }

        return b.GlobalAvgPool(x);
    }
}
