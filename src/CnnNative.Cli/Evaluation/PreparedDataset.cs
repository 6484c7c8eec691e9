// A data set as a model wants it: labels in the model's numbers, and pixels normalised as the model's preprocessing says.

namespace CnnNative.Cli;

/// <summary>Another data set's samples with other labels and pixels.</summary>
internal sealed class PreparedDataset : IDataset
{
    private readonly IDataset _source;
    private readonly int[] _labels;
    private readonly Preprocessing? _preprocessing;

    private PreparedDataset(IDataset source, int[] labels, IReadOnlyList<string> classNames, Preprocessing? preprocessing)
    {
        (_source, _labels, _preprocessing) = (source, labels, preprocessing);
        Schema = new DataSchema(source.Schema.Inputs, source.Schema.Targets, classNames);
    }

    public int Count => _source.Count;

    public DataSchema Schema { get; }

    /// <summary>The data for a model; the same data where nothing has to change.</summary>
    /// <param name="data">The data, with pixels from 0 to 1.</param>
    /// <param name="dataName">What it is called.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="UserException">The data has a class that the model does not know.</exception>
    public static IDataset For(IDataset data, string dataName, Model model)
    {
        IReadOnlyList<string> classes = data.Schema.ClassNames!, known = model.ClassNames ?? classes;
        bool isSame = known.Take(classes.Count).SequenceEqual(classes, StringComparer.Ordinal);
        Preprocessing? preprocessing = model.Preprocessing is { IsPlain: false } given ? given : null;
        if (isSame && preprocessing is null)
        {
            return data;
        }

        int[] labels = [.. classes.Select(name => IndexOf(known, name))];
        int unknown = Array.IndexOf(labels, -1);
        return unknown < 0
            ? new PreparedDataset(data, labels, known, preprocessing)
            : throw new UserException(
                $"{dataName} has a class '{classes[unknown]}' that the model does not know; its classes are {Listed(known)}.");
    }

    public void Read(int index, in Sample sample)
    {
        _source.Read(index, sample);
        _preprocessing?.Normalize(sample.Input);
        sample.Target[0] = _labels[(int)sample.Target[0]];
    }

    public string NameOf(int index) => _source.NameOf(index);

    public int LabelOf(int index) => _labels[_source.LabelOf(index)];

    private static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] == name)
            {
                return i;
            }
        }

        return -1;
    }

    private static string Listed(IReadOnlyList<string> names)
    {
        const int most = 12;
        string list = string.Join(", ", names.Take(most));
        return names.Count > most ? $"{list} and {names.Count - most} more" : list;
    }
}
