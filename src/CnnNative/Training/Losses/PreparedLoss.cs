// A loss that is ready for batches of one shape: what it needs besides predictions and targets is allocated once.

using System.Globalization;
using System.Numerics;
using CnnNative.Kernels;

namespace CnnNative.Training;

/// <summary>A loss for given shapes. Not safe to use from several threads at once.</summary>
internal abstract class PreparedLoss : IDisposable
{
    /// <summary>Computes the loss, and its gradient unless that is null.</summary>
    public abstract double Run(Tensor prediction, Tensor target, Tensor? gradient);

    /// <summary>Frees the memory.</summary>
    public abstract void Dispose();
}

/// <summary>A loss of single elements.</summary>
internal sealed class PreparedElementLoss(IKernels kernels, LossFunction function, Tensor? positiveWeights) : PreparedLoss
{
    public override double Run(Tensor prediction, Tensor target, Tensor? gradient) =>
        kernels.Loss(in function, prediction, target, positiveWeights, gradient);

    public override void Dispose() => positiveWeights?.Dispose();
}

/// <summary>Cross-entropy against a row of probabilities for each row of logits.</summary>
internal sealed class PreparedSoftCrossEntropy(IKernels kernels, CrossEntropyOptions options, Tensor? classWeights) : PreparedLoss
{
    public override double Run(Tensor prediction, Tensor target, Tensor? gradient) =>
        kernels.SoftCrossEntropy(in options, prediction, target, classWeights, gradient);

    public override void Dispose() => classWeights?.Dispose();
}

/// <summary>Cross-entropy against a class for each row of logits. Targets hold classes as float32, as all data does; here they
/// become the integers that kernels read.</summary>
internal sealed class PreparedLabelCrossEntropy(
    IKernels kernels, CrossEntropyOptions options, Tensor? classWeights, int rows, int samples) : PreparedLoss
{
    private readonly Tensor _labels = IntegerElements.Create(new int[rows]);

    public override double Run(Tensor prediction, Tensor target, Tensor? gradient)
    {
        ConvertLabels(target, prediction.Shape[^1]);
        return kernels.CrossEntropy(in options, prediction, _labels, classWeights, gradient);
    }

    public override void Dispose()
    {
        _labels.Dispose();
        classWeights?.Dispose();
    }

    private void ConvertLabels(Tensor target, int classes)
    {
        using TensorAccess<int> labels = _labels.Access<int>();
        switch (target.ElementType)
        {
            case ElementType.Int32:
                using (TensorAccess<int> source = target.Access<int>())
                {
                    Convert<int>(source.Values, labels.Values, classes);
                }

                break;
            case ElementType.Int64:
                using (TensorAccess<long> source = target.Access<long>())
                {
                    Convert<long>(source.Values, labels.Values, classes);
                }

                break;
            default:
                using (TensorAccess source = target.Access())
                {
                    Convert<float>(source.Values, labels.Values, classes);
                }

                break;
        }
    }

    private void Convert<T>(ReadOnlySpan<T> source, Span<int> labels, int classes)
        where T : unmanaged, INumber<T>
    {
        for (int i = 0; i < labels.Length; i++)
        {
            int label = int.CreateSaturating(source[i]);
            if (T.CreateSaturating(label) != source[i] || ((uint)label >= (uint)classes && label != options.IgnoreIndex))
            {
                throw new ArgumentException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"CrossEntropyLoss: {Place(i, labels.Length / samples)} has the label {source[i]}, expected a whole number " +
                    $"from 0 to {classes - 1}."));
            }

            labels[i] = label;
        }
    }

    private static string Place(int row, int rowsPerSample) => rowsPerSample == 1
        ? $"sample {row} of the batch"
        : $"element {row % rowsPerSample} of sample {row / rowsPerSample} of the batch";
}
