// The samples of each class: what stratified splits, balanced sampling and class weights all start from.

namespace CnnNative;

internal static class ClassMembers
{
    /// <summary>The indices of each class's samples, ascending; a class may have none.</summary>
    public static int[][] Of(IDataset dataset)
    {
        IReadOnlyList<string> names = dataset.Schema.ClassNames
            ?? throw new ArgumentException($"The samples ({dataset.Schema}) have no class labels.", nameof(dataset));
        var members = new List<int>[names.Count];
        for (int i = 0; i < members.Length; i++)
        {
            members[i] = [];
        }

        for (int i = 0; i < dataset.Count; i++)
        {
            int label = dataset.LabelOf(i);
            if ((uint)label >= (uint)members.Length)
            {
                string name = dataset.NameOf(i);
                throw new DataException(
                    $"Sample {i}, {name}: its label is {label}, expected 0 to {members.Length - 1}.", i, name);
            }

            members[label].Add(i);
        }

        return Array.ConvertAll(members, list => list.ToArray());
    }
}
