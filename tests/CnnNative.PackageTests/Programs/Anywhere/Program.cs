// Infers, trains a step, infers again, and goes through files of each kind: what it prints on one platform is compared with what it
// prints on another. Its pictures and its labels come from whole numbers, so that all platforms begin with the same bits.
using System.Runtime.InteropServices;
using CnnNative;
using CnnNative.Imaging;

// First of all, because a question about the library must find it as well as a tensor does.
NativeLibraryInfo native = NativeLibraryInfo.Query();

const int samples = 16, size = 16, classes = 4;
float[] pixels = [.. Enumerable.Range(0, samples * size * size).Select(i => i * 7919 % 251 / 250f)];
float[] labels = [.. Enumerable.Range(0, samples).Select(i => (float)(i % classes))];

using Model model = new Sequential(input: (size, size, 1))
{
    new Conv2d(8, kernel: 3, Padding.Same), new BatchNorm(), new Relu(), new MaxPool2d(2),
    new Conv2d(16, kernel: 3, Padding.Same), new BatchNorm(), new Relu(), new MaxPool2d(2),
    new Flatten(), new Linear(classes),
}.Build(seed: 1);
Tell("before", Infer(model));

using (Tensor inputs = Tensor.FromSpan(pixels, (samples, size, size, 1)))
using (Tensor targets = Tensor.FromSpan(labels, samples))
using (Trainer trainer = new(model, new TrainerOptions { Optimizer = new Sgd(0.1) }))
{
    TrainingStep step = trainer.Step(inputs, targets);
    Tell("step", (float)step.Loss, (float)step.GradientNorm);
}

Tell("after", Infer(model));
string folder = Directory.CreateTempSubdirectory("cnn-anywhere-").FullName;
foreach (string name in (string[])["model.cnn", "model.onnx"])
{
    model.Save(Path.Combine(folder, name));
    using Model read = Model.Load(Path.Combine(folder, name));
    Tell(name, Infer(read));
}

string picture = Path.Combine(folder, "steps.png");
using (Tensor input = Tensor.FromSpan(pixels.AsSpan(0, size * size), (1, size, size, 1)))
using (Tensor edges = Cnn.Conv2d(input, Kernels2d.Laplacian, padding: Padding.Same))
{
    Figure.Row(input, edges).WithTitles("picture", "edges").Save(picture, Colormap.Magma);
}

using (Tensor drawn = Image.Load(picture).ToGrayscale().Resize(8, 8).ToTensor())
{
    Tell("picture", drawn.ToArray());
}

Directory.Delete(folder, recursive: true);
Console.WriteLine($"rid {RuntimeInformation.RuntimeIdentifier}");
Console.WriteLine($"version {CnnRuntime.Version} {native.Version}");
Console.WriteLine($"isa {ComputeContext.Default.InstructionSetName} of {string.Join(", ", native.InstructionSets)}");
Console.WriteLine($"library {native.Path}");
return native.Problem is null ? 0 : 1;

float[] Infer(Model asked)
{
    using CompiledModel net = asked.Compile();
    using Session session = net.CreateSession();
    float[] logits = new float[classes];
    session.Run(pixels.AsSpan(0, size * size), logits);
    return logits;
}

static void Tell(string name, params ReadOnlySpan<float> values) => Console.WriteLine($"{name} {string.Join(' ', values.ToArray())}");
