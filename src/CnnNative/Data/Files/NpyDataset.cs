// Pictures and labels that NumPy saved: the shortest way from a Python notebook.

namespace CnnNative;

/// <summary>Reads data sets from pairs of .npy files.</summary>
public static class NpyDataset
{
    /// <summary>Reads inputs and targets.</summary>
    /// <param name="inputsPath">An array, batch first: count x height x width for gray pictures, count x height x width x
    /// channels, or anything else.</param>
    /// <param name="targetsPath">An array, batch first; count for class labels.</param>
    /// <param name="classNames">The names of the classes, if the targets are class labels.</param>
    /// <param name="divisor">What the inputs are divided by; 255 brings bytes to 0..1.</param>
    /// <returns>A data set that owns its memory; the caller disposes it.</returns>
    /// <exception cref="InvalidDataException">A file is broken, the two do not belong together, a value is not finite, or a label
    /// is not the number of a class.</exception>
    public static TensorDataset Read(
        string inputsPath, string targetsPath, IReadOnlyList<string>? classNames = null, float divisor = 1)
    {
        if (!(Math.Abs(divisor) > 0) || !float.IsFinite(divisor))
        {
            throw new ArgumentOutOfRangeException(nameof(divisor), divisor, "Expected a finite number, not 0.");
        }

        using Tensor inputs = NpyFile.Read(inputsPath), targets = NpyFile.Read(targetsPath);
        if (inputs.Shape[0] != targets.Shape[0])
        {
            throw new InvalidDataException(
                $"'{inputsPath}' has {inputs.Shape[0]} inputs ({inputs.Shape}), '{targetsPath}' has {targets.Shape[0]} targets"
                + $" ({targets.Shape}); expected the same number.");
        }

        if (divisor != 1)
        {
            using TensorAccess access = inputs.Access();
            foreach (ref float value in access.Values)
            {
                value /= divisor;
            }
        }

        // A gray picture has a channel too.
        using Tensor pictures = inputs.Reshape(inputs.Shape.Rank == 3 ? new Shape([.. inputs.Shape.ToArray(), 1]) : inputs.Shape);
        try
        {
            return new TensorDataset(pictures, targets, classNames);
        }
        catch (Exception error) when (error is DataException or ArgumentException)
        {
            throw new InvalidDataException($"'{inputsPath}', '{targetsPath}': {error.Message}", error);
        }
    }
}
