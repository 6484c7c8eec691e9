// Trains a little, writes and reads the model in both formats, and infers: enough to reach everything that trimming could take away.
using CnnNative;
using CnnNative.Onnx;

Random random = new(1);
float[] pixels = new float[64 * 8 * 8];
float[] classes = new float[64];
for (int i = 0; i < 64; i++)
{
    classes[i] = i % 2;
    for (int j = 0; j < 64; j++)
    {
        pixels[(i * 64) + j] = (float)random.NextDouble() + (i % 2 == 0 == j < 32 ? 1 : 0);
    }
}

using Model model = new Sequential(input: (8, 8, 1))
{
    new Conv2d(4, kernel: 3, Padding.Same), new BatchNorm(), new Relu(), new MaxPool2d(2), new Flatten(), new Linear(2),
}.Build(seed: 1);
using Tensor inputs = Tensor.FromSpan(pixels, (64, 8, 8, 1));
using Tensor targets = Tensor.FromSpan(classes, 64);
model.Fit(new TensorDataset(inputs, targets), new FitOptions { Epochs = 8, BatchSize = 16, Optimizer = new AdamW(1e-2) });
model.Save("two.cnn");
using Model read = Model.Load("two.cnn");
OnnxExport.Save(read, "two.onnx");
using OnnxModel onnx = OnnxModel.Load("two.onnx");

using CompiledModel net = read.Compile();
using Session session = net.CreateSession();
int right = 0;
float[] logits = new float[2];
for (int i = 0; i < 64; i++)
{
    session.Run(pixels.AsSpan(i * 64, 64), logits);
    right += (logits[1] > logits[0] ? 1 : 0) == (int)classes[i] ? 1 : 0;
}

NativeLibraryInfo native = NativeLibraryInfo.Query();
Console.WriteLine($"{right} of 64, {CnnRuntime.Version}, {native.Version}, {native.Path}");
return right > 60 ? 0 : 1;
