// The digits that travel inside the program, so that training can be tried without a download: the first 10,000 training images
// of MNIST. None of MNIST's test images is among them, so that a network trained on them can still be measured there.

using System.IO.Compression;

namespace CnnNative.Cli;

internal static class DigitsAsset
{
    private const string Prefix = "CnnNative.Cli.Assets.";
    private const int TrainCount = 9000;

    /// <summary>9,000 digits to train on and 1,000 to measure on.</summary>
    public static (IDataset Train, IDataset Test) Load()
    {
        (Shape shape, byte[] pixels) = Read("mnist-10k-images-idx3-ubyte.gz");
        (_, byte[] labels) = Read("mnist-10k-labels-idx1-ubyte.gz");
        TensorDataset all = TensorDataset.FromBytes(pixels, (shape[1], shape[2], 1), labels, Mnist.ClassNames, 255, "mnist-10k");
        return (all.Slice(0, TrainCount), all.Slice(TrainCount, all.Count - TrainCount));
    }

    private static (Shape Shape, byte[] Elements) Read(string name)
    {
        using Stream packed = typeof(DigitsAsset).Assembly.GetManifestResourceStream(Prefix + name)
            ?? throw new InvalidOperationException($"The program was built without its asset {name}.");
        using GZipStream stream = new(packed, CompressionMode.Decompress);
        return IdxFile.ReadBytes(stream, name, int.MaxValue);
    }
}
