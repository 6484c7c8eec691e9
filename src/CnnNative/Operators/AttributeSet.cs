// The attributes of an operator as data: what summaries show, what model files keep, and what an operator is made of again.
// A handful of types suffices, so that no serialiser needs reflection.

using System.Collections;
using System.Globalization;

namespace CnnNative;

/// <summary>The value of an attribute: a whole number, a number, a text, or a list of numbers.</summary>
public readonly struct AttributeValue : IEquatable<AttributeValue>
{
    private readonly object? _list;
    private readonly double _number;
    private readonly long _integer;

    private AttributeValue(AttributeKind kind, long integer, double number, object? list)
    {
        Kind = kind;
        _integer = integer;
        _number = number;
        _list = list;
    }

    /// <summary>Which of the types this is.</summary>
    public AttributeKind Kind { get; }

    /// <summary>A whole number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator AttributeValue(long value) => new(AttributeKind.Integer, value, 0, null);

    /// <summary>A number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator AttributeValue(double value) => new(AttributeKind.Number, 0, value, null);

    /// <summary>A text.</summary>
    /// <param name="value">The text.</param>
    public static implicit operator AttributeValue(string value) => new(AttributeKind.Text, 0, 0, value);

    /// <summary>A list of whole numbers.</summary>
    /// <param name="values">The numbers; not copied, not to be changed.</param>
    public static implicit operator AttributeValue(long[] values) => new(AttributeKind.Integers, 0, 0, values);

    /// <summary>A list of numbers.</summary>
    /// <param name="values">The numbers; not copied, not to be changed.</param>
    public static implicit operator AttributeValue(double[] values) => new(AttributeKind.Numbers, 0, 0, values);

    /// <summary>Whether two values are the same.</summary>
    /// <param name="left">One value.</param>
    /// <param name="right">The other value.</param>
    public static bool operator ==(AttributeValue left, AttributeValue right) => left.Equals(right);

    /// <summary>Whether two values differ.</summary>
    /// <param name="left">One value.</param>
    /// <param name="right">The other value.</param>
    public static bool operator !=(AttributeValue left, AttributeValue right) => !left.Equals(right);

    /// <summary>The whole number.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public long ToInteger() => Kind == AttributeKind.Integer ? _integer : throw Wrong("a whole number");

    /// <summary>The number; a whole number is one.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public double ToNumber() => Kind switch
    {
        AttributeKind.Number => _number,
        AttributeKind.Integer => _integer,
        _ => throw Wrong("a number"),
    };

    /// <summary>The text.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public string ToText() => Kind == AttributeKind.Text ? (string)_list! : throw Wrong("a text");

    /// <summary>The whole numbers.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public ReadOnlySpan<long> ToIntegers() => Kind == AttributeKind.Integers ? (long[])_list! : throw Wrong("a list of whole numbers");

    /// <summary>The numbers.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public ReadOnlySpan<double> ToNumbers() => Kind switch
    {
        AttributeKind.Numbers => (double[])_list!,
        AttributeKind.Integers => Array.ConvertAll((long[])_list!, value => (double)value),
        _ => throw Wrong("a list of numbers"),
    };

    /// <inheritdoc/>
    public bool Equals(AttributeValue other) => Kind == other.Kind && Kind switch
    {
        AttributeKind.Integer => _integer == other._integer,
        AttributeKind.Number => _number.Equals(other._number),
        AttributeKind.Text => string.Equals((string?)_list, (string?)other._list, StringComparison.Ordinal),
        AttributeKind.Integers => ToIntegers().SequenceEqual(other.ToIntegers()),
        _ => ToNumbers().SequenceEqual(other.ToNumbers()),
    };

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is AttributeValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, ToString());

    /// <summary>The value as text, lists separated by commas.</summary>
    public override string ToString() => Kind switch
    {
        AttributeKind.Integer => _integer.ToString(CultureInfo.InvariantCulture),
        AttributeKind.Number => _number.ToString("R", CultureInfo.InvariantCulture),
        AttributeKind.Text => (string)_list!,
        AttributeKind.Integers => string.Join(',', (long[])_list!),
        _ => string.Join(',', Array.ConvertAll((double[])_list!, value => value.ToString("R", CultureInfo.InvariantCulture))),
    };

    private FormatException Wrong(string expected) => new($"the attribute is '{this}', expected {expected}.");
}

/// <summary>The types of an <see cref="AttributeValue"/>.</summary>
public enum AttributeKind
{
    /// <summary>A whole number of 64 bits.</summary>
    Integer = 0,

    /// <summary>A number of double precision.</summary>
    Number = 1,

    /// <summary>A text.</summary>
    Text = 2,

    /// <summary>A list of whole numbers.</summary>
    Integers = 3,

    /// <summary>A list of numbers.</summary>
    Numbers = 4,
}

/// <summary>The attributes of an operator by name, in the order in which they were added.</summary>
public sealed class AttributeSet : IReadOnlyCollection<KeyValuePair<string, AttributeValue>>
{
    private readonly List<KeyValuePair<string, AttributeValue>> _values = [];

    /// <summary>No attributes.</summary>
    public static AttributeSet Empty { get; } = [];

    /// <inheritdoc/>
    public int Count => _values.Count;

    /// <summary>Adds an attribute.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    public void Add(string name, AttributeValue value) => _values.Add(new(name, value));

    /// <summary>Finds an attribute.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGet(string name, out AttributeValue value)
    {
        foreach (KeyValuePair<string, AttributeValue> pair in _values)
        {
            if (pair.Key == name)
            {
                value = pair.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, AttributeValue>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>"name value" pairs, separated by commas.</summary>
    public override string ToString() => string.Join(", ", _values.Select(pair => $"{pair.Key} {pair.Value}"));

    internal int Integer(string name, int absent) =>
        TryGet(name, out AttributeValue value) ? ToInt32(name, value.ToInteger()) : absent;

    internal float Single(string name, float absent) => TryGet(name, out AttributeValue value) ? (float)value.ToNumber() : absent;

    internal bool Flag(string name) => Integer(name, 0) != 0;

    internal static int ToInt32(string name, long value) => value is >= int.MinValue and <= int.MaxValue
        ? (int)value
        : throw new FormatException($"the attribute '{name}' is '{value}', expected a number of 32 bits.");

    internal string Text(string name, string absent) => TryGet(name, out AttributeValue value) ? value.ToText() : absent;
}
