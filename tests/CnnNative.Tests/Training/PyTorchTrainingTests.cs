// Twenty steps of training beside PyTorch's, from the same weights and data: losses, weights and running statistics at the end.

using CnnNative.Tests.Golden;

namespace CnnNative.Tests.Training;

public sealed class PyTorchTrainingTests
{
    /// <summary>What is asked of the losses. A loss of 2.3 is rounded by 2^-24 of itself for each of the some 30 layers and
    /// reductions that lead to it, 2e-6; what each step's rounding does to the weights grows from step to step on these nets by
    /// less than 1.2, and 1.2^20 = 38.</summary>
    private const double RelativeTolerance = 1e-4;

    /// <summary>A maximum or a ReLU whose two sides are a rounding apart may take another side than in double precision. Each
    /// such change moves a gradient by one of some thousand terms, which is seen in weights and not in the mean over a
    /// batch.</summary>
    private const double WeightTolerance = 1e-3;

    private static readonly Lazy<TrainingFile> _file = new(() => GoldenFile.Read<TrainingFile>("training.json"));

    public static TheoryData<string, string, Backend> Cases
    {
        get
        {
            TheoryData<string, string, Backend> data = [];
            foreach (TrainingCase golden in _file.Value.Cases)
            {
                data.Add(golden.Net, golden.Optimizer, Backend.Native);
                data.Add(golden.Net, golden.Optimizer, Backend.Managed);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Twenty_steps_give_the_losses_and_weights_of_PyTorch(string net, string optimizer, Backend backend)
    {
        TrainingCase golden = _file.Value.Cases.Single(one => one.Net == net && one.Optimizer == optimizer);
        using Model model = Create(net, golden);
        using ComputeContext context = new(backend);
        using Trainer trainer = new(model.Graph, new TrainerOptions { Optimizer = OptimizerOf(optimizer), Context = context });
        for (int step = 0; step < golden.Losses.Length; step++)
        {
            using Tensor input = Input(golden, step), labels = Labels(step);
            double loss = trainer.Step(input, labels).Loss;
            Assert.True(
                Math.Abs(loss - golden.Losses[step]) <= RelativeTolerance * golden.Losses[step],
                $"{net}, {optimizer}, {backend}: the loss of step {step} is {loss:R}, PyTorch has {golden.Losses[step]:R}.");
        }

        CompareNorms(model, golden.Norms, name => name);
        CompareNorms(model, golden.Means, name => name + ".mean");
        CompareNorms(model, golden.Variances, name => name + ".variance");
    }

    private static void CompareNorms(Model model, Dictionary<string, double> expected, Func<string, string> nameOf)
    {
        foreach ((string key, double norm) in expected)
        {
            float[] values = model.Graph.Parameter(nameOf(key)).Value.ToArray();
            double found = Math.Sqrt(values.Sum(value => (double)value * value));
            Assert.True(
                Math.Abs(found - norm) <= WeightTolerance * Math.Max(norm, 0.1),
                $"The norm of {nameOf(key)} is {found}, PyTorch has {norm}.");
        }
    }

    private static Optimizer OptimizerOf(string name) => name == "sgd"
        ? new Sgd(0.02) { Momentum = 0.9, WeightDecay = 0.001, DecaysBiases = true }
        : new AdamW(0.002) { WeightDecay = 0.05, DecaysBiases = true };

    private static Tensor Input(TrainingCase golden, int step)
    {
        Shape shape = (_file.Value.Batch, golden.Input[0], golden.Input[1], golden.Input[2]);
        return Tensor.FromSpan(HashedValues.Create((int)shape.ElementCount, 1000 + (uint)(step % _file.Value.Batches)), shape);
    }

    private static Tensor Labels(int step)
    {
        int batch = _file.Value.Batch, shift = step % _file.Value.Batches * 3;
        return Tensor.FromSpan([.. Enumerable.Range(0, batch).Select(i => (float)((i * 7 + shift) % 10))], batch);
    }

    private static Model Create(string net, TrainingCase golden)
    {
        GraphBuilder b = new();
        GraphValue x = b.Input("image", (golden.Input[0], golden.Input[1], golden.Input[2]));
        b.Output("logits", net switch
        {
            "lenet" => LeNet(b, x),
            "resnet" => ResNet(b, x),
            _ => MobileNet(b, x),
        });
        Model model = b.Build();
        Assert.Equal(
            golden.Parameters.Select(parameter => parameter.Name).Order(StringComparer.Ordinal),
            model.Parameters.Where(one => one.Trainable).Select(one => one.Name).Order(StringComparer.Ordinal));
        foreach (ParameterRecipe recipe in golden.Parameters)
        {
            Tensor value = model.Graph.Parameter(recipe.Name).Value;
            float[] hashed = HashedValues.Create(value.ElementCount, recipe.Seed);

            // Rounded after the product and after the sum, as the script has it.
            value.CopyFrom([.. hashed.Select(element => recipe.Offset + (float)(recipe.Scale * element))]);
        }

        return model;
    }

    private static GraphValue LeNet(GraphBuilder b, GraphValue x)
    {
        x = b.MaxPool2d(b.Tanh(b.Conv2d(x, 6, 5, padding: 2)), 2);
        x = b.MaxPool2d(b.Tanh(b.Conv2d(x, 16, 5)), 2);
        x = b.Tanh(b.Linear(b.Flatten(x), 120));
        return b.Linear(b.Tanh(b.Linear(x, 84)), 10);
    }

    private static GraphValue ResNet(GraphBuilder b, GraphValue x)
    {
        x = b.Relu(b.BatchNorm(b.Conv2d(x, 8, 3, padding: 1, bias: false)));
        GraphValue y = b.Relu(b.BatchNorm(b.Conv2d(x, 8, 3, padding: 1, bias: false)));
        x = b.Relu(b.Add(b.BatchNorm(b.Conv2d(y, 8, 3, padding: 1, bias: false)), x));
        y = b.Relu(b.BatchNorm(b.Conv2d(x, 16, 3, padding: 1, stride: 2, bias: false)));
        y = b.BatchNorm(b.Conv2d(y, 16, 3, padding: 1, bias: false));
        x = b.Relu(b.Add(y, b.BatchNorm(b.Conv2d(x, 16, 1, stride: 2, bias: false))));
        return b.Linear(b.GlobalAvgPool(x), 10);
    }

    private static GraphValue MobileNet(GraphBuilder b, GraphValue x)
    {
        x = b.Activate(b.BatchNorm(b.Conv2d(x, 8, 3, padding: 1, stride: 2, bias: false)), Activation.Relu6);
        GraphValue y = b.Activate(b.BatchNorm(b.Conv2d(x, 24, 1, bias: false)), Activation.Relu6);
        y = b.Activate(b.BatchNorm(b.DepthwiseConv2d(y, 3, padding: 1, bias: false, name: "conv3")), Activation.Relu6);
        x = b.Add(x, b.BatchNorm(b.Conv2d(y, 8, 1, bias: false, name: "conv4")));
        x = b.Activate(b.BatchNorm(b.Conv2d(x, 32, 1, bias: false, name: "conv5")), Activation.Relu6);
        return b.Linear(b.GlobalAvgPool(x), 10);
    }

    private sealed record TrainingFile(string Torch, int Batch, int Batches, TrainingCase[] Cases);

    private sealed record TrainingCase(
        string Net, string Optimizer, int[] Input, ParameterRecipe[] Parameters, double[] Losses,
        Dictionary<string, double> Norms, Dictionary<string, double> Means, Dictionary<string, double> Variances);

    private sealed record ParameterRecipe(string Name, int[] Shape, uint Seed, float Scale, float Offset);
}
