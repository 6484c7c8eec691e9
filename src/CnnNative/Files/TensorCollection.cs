// Tensors by name, in an order: what a file of weights holds. It owns them, so that one using statement gives everything back.

using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace CnnNative;

/// <summary>Tensors by name, in the order in which they were added.</summary>
/// <remarks>The collection owns its tensors: disposing it disposes them, except those that <see cref="Take"/> gave away. Names
/// are compared letter by letter. Reading from several threads at once is safe; adding and taking while others read is
/// not.</remarks>
public sealed class TensorCollection : IReadOnlyDictionary<string, Tensor>, IDisposable
{
    private readonly OrderedDictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    /// <summary>The number of tensors.</summary>
    public int Count => _tensors.Count;

    /// <summary>The names, in order.</summary>
    public IEnumerable<string> Keys => _tensors.Keys;

    /// <summary>The tensors, in order. They still belong to the collection.</summary>
    public IEnumerable<Tensor> Values => _tensors.Values;

    /// <summary>A tensor, which still belongs to the collection.</summary>
    /// <param name="key">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    public Tensor this[string key] => TryGetValue(key, out Tensor? tensor) ? tensor : throw Missing(key);

    /// <summary>Adds a tensor, which belongs to the collection from now on.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="tensor">The tensor.</param>
    /// <exception cref="ArgumentException">There is a tensor of that name; the new one still belongs to the caller.</exception>
    public void Add(string name, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(tensor);
        if (!_tensors.TryAdd(name, tensor))
        {
            throw new ArgumentException($"The collection has a tensor '{name}' already.", nameof(name));
        }
    }

    /// <summary>Takes a tensor out; it belongs to the caller from now on.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    public Tensor Take(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _tensors.Remove(name, out Tensor? tensor) ? tensor : throw Missing(name);
    }

    /// <summary>Whether there is a tensor of that name.</summary>
    /// <param name="key">The name.</param>
    public bool ContainsKey(string key) => _tensors.ContainsKey(key);

    /// <summary>A tensor, which still belongs to the collection, if there is one of that name.</summary>
    /// <param name="key">The name.</param>
    /// <param name="value">The tensor, or null.</param>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Tensor value) => _tensors.TryGetValue(key, out value);

    /// <summary>Names and tensors, in order.</summary>
    public IEnumerator<KeyValuePair<string, Tensor>> GetEnumerator() => _tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Disposes all tensors of the collection. Calling it again does nothing.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in _tensors.Values)
        {
            tensor.Dispose();
        }
    }

    private KeyNotFoundException Missing(string name)
    {
        const int Shown = 8;
        string names = Count == 0
            ? "it is empty"
            : $"there are {string.Join(", ", Keys.Take(Shown))}{(Count > Shown ? " and others" : "")}";
        return new KeyNotFoundException($"The collection has no tensor '{name}'; {names}.");
    }
}
