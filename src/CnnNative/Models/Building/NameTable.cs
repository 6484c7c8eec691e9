// Names of a graph under construction. Inputs, nodes and parameters share one table, so that a name alone says which of them is
// meant: in messages, in model files, in patterns that freeze layers.

using System.Globalization;

namespace CnnNative.Models;

/// <summary>Gives out names, each once.</summary>
internal sealed class NameTable
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly HashSet<string> _scopes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>The scope that new names stand in, with its dot at the end; empty outside of all scopes.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>Takes a name as it is, in the current scope.</summary>
    /// <exception cref="ArgumentException">It is taken, or not a name.</exception>
    public string Take(string name)
    {
        CheckWord(name);
        string full = Prefix + name;
        return _taken.Add(full)
            ? full
            : throw new ArgumentException($"The name '{full}' is taken, expected one that the graph does not have yet.");
    }

    /// <summary>Notes that a name is in use, whatever it looks like.</summary>
    public void Reserve(string name)
    {
        _taken.Add(name);
        for (int dot = name.IndexOf('.', StringComparison.Ordinal); dot > 0; dot = name.IndexOf('.', dot + 1))
        {
            _scopes.Add(name[..dot]);
        }
    }

    /// <summary>The name that <see cref="Take"/> would give for it, or the next free one of a kind.</summary>
    public string Full(string? name, string kind) => Prefix + (name ?? Free(kind));

    /// <summary>The next free name of a kind in the current scope, without the scope: conv1, conv2 and so on.</summary>
    public string Free(string kind) => kind + Number(kind).ToString(CultureInfo.InvariantCulture);

    /// <summary>Notes that the next free name of a kind is in use.</summary>
    public void Count(string kind) => _counts[Prefix + kind] = Number(kind);

    /// <summary>Enters a scope in the current one.</summary>
    public void Enter(string name)
    {
        CheckWord(name);
        _scopes.Add(Prefix + name);
        Prefix += name + ".";
    }

    private int Number(string kind)
    {
        CheckWord(kind);
        int number = _counts.GetValueOrDefault(Prefix + kind);
        string name;
        do
        {
            name = Prefix + kind + (++number).ToString(CultureInfo.InvariantCulture);
        }
        while (_taken.Contains(name) || _scopes.Contains(name));
        return number;
    }

    private static void CheckWord(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.Contains(':', StringComparison.Ordinal) || name.StartsWith('.') || name.EndsWith('.'))
        {
            throw new ArgumentException($"The name '{name}' has a colon, or a dot at its start or end; expected a name without.");
        }
    }
}
