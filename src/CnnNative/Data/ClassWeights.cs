// Weights for losses where some classes are rare.

namespace CnnNative;

/// <summary>Weights of classes by how often they occur.</summary>
public static class ClassWeights
{
    /// <summary>samples / (classes x samples of the class): a class of average size has weight 1, and every class the same
    /// sum.</summary>
    /// <param name="dataset">A data set with class labels.</param>
    /// <returns>One weight per class.</returns>
    /// <exception cref="ArgumentException">There are no class labels, or a class has no sample.</exception>
    public static float[] Of(IDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        int[][] members = ClassMembers.Of(dataset);
        int empty = Array.FindIndex(members, class1 => class1.Length == 0);
        return empty < 0
            ? Array.ConvertAll(members, class1 => (float)(dataset.Count / ((double)members.Length * class1.Length)))
            : throw new ArgumentException(
                $"ClassWeights: the class '{dataset.Schema.ClassNames![empty]}' has no samples, expected at least one of each"
                + " class.",
                nameof(dataset));
    }
}
