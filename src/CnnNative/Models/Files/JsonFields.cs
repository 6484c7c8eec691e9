// An object of a JSON text, read property by property: what is missing, of the wrong kind or left over is an error that says
// where.

using System.Text.Json;

namespace CnnNative.Models;

/// <summary>The properties of one object.</summary>
internal sealed class JsonFields
{
    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>Opens an object.</summary>
    /// <param name="element">The object.</param>
    /// <param name="where">Where it stands in the text, for messages.</param>
    /// <exception cref="FormatException">It is no object, or has a property twice.</exception>
    public JsonFields(JsonElement element, string where)
    {
        Where = where;
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Error($"it is {AttributeJson.Described(element)}, expected an object.");
        }

        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!_fields.TryAdd(property.Name, property.Value))
            {
                throw Error($"'{property.Name}' is there twice.");
            }
        }

        if (_fields.TryGetValue("name", out JsonElement name) && name.ValueKind == JsonValueKind.String)
        {
            Where += $" '{name.GetString()}'";
        }
    }

    /// <summary>Where the object stands, with its name if it has one.</summary>
    public string Where { get; }

    /// <summary>An error of this object.</summary>
    public FormatException Error(string message) => new($"{Where}: {message}");

    /// <summary>Does something whose errors belong to this object.</summary>
    public void Run(Action action)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is FormatException or ArgumentException or ShapeException or OverflowException
            or InvalidOperationException)
        {
            throw new FormatException($"{Where}: {error.Message}", error);
        }
    }

    /// <summary>A property that must be there.</summary>
    public JsonElement Required(string name) => Optional(name) ?? throw Error($"'{name}' is missing.");

    /// <summary>A property, or null.</summary>
    public JsonElement? Optional(string name)
    {
        _read.Add(name);
        return _fields.TryGetValue(name, out JsonElement element) ? element : null;
    }

    /// <summary>A text that is not empty.</summary>
    public string Text(string name) => OptionalText(name) ?? throw Error($"'{name}' is missing.");

    /// <summary>A text that is not empty, or null where there is none.</summary>
    public string? OptionalText(string name)
    {
        if (Optional(name) is not { } element)
        {
            return null;
        }

        return element.ValueKind == JsonValueKind.String && element.GetString() is { Length: > 0 } text
            ? text
            : throw Error($"'{name}' is {AttributeJson.Described(element)}, expected a text.");
    }

    /// <summary>A whole number.</summary>
    public long Integer(string name, long? absent = null)
    {
        if (Optional(name) is not { } element)
        {
            return absent ?? throw Error($"'{name}' is missing.");
        }

        return element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out long value)
            ? value
            : throw Error($"'{name}' is {AttributeJson.Described(element)}, expected a whole number.");
    }

    /// <summary>A number.</summary>
    public float Number(string name, float absent) => Optional(name) is { } element ? Number(name, element) : absent;

    /// <summary>An item of a list of numbers.</summary>
    public float Number(string name, JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.GetSingle() is var value && float.IsFinite(value)
            ? value
            : throw Error($"'{name}' has {AttributeJson.Described(element)}, expected a number.");

    /// <summary>True or false.</summary>
    public bool Flag(string name, bool absent) => Optional(name)?.ValueKind switch
    {
        null => absent,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Error($"'{name}' is {AttributeJson.Described(_fields[name])}, expected true or false."),
    };

    /// <summary>The size of a dimension.</summary>
    public int Size(string name, JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int value) && value >= 0
            ? value
            : throw Error($"'{name}' has {AttributeJson.Described(element)}, expected a whole number of at least 0.");

    /// <summary>One of the names of an enumeration, in small letters.</summary>
    public T Choice<T>(string name, T absent)
        where T : struct, Enum
    {
        if (OptionalText(name) is not { } text)
        {
            return absent;
        }

        foreach (T value in Enum.GetValues<T>())
        {
            if (string.Equals(value.ToString(), text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        throw Error($"'{name}' is '{text}', expected one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}.");
    }

    /// <summary>The items of a list.</summary>
    public IEnumerable<JsonElement> Array(string name)
    {
        JsonElement element = Required(name);
        return element.ValueKind == JsonValueKind.Array
            ? element.EnumerateArray()
            : throw Error($"'{name}' is {AttributeJson.Described(element)}, expected a list.");
    }

    /// <summary>The items of a list of objects; they are called by the list and their number.</summary>
    public IEnumerable<JsonFields> List(string name) => Array(name).Select((item, i) => new JsonFields(item, $"{name}[{i}]"));

    /// <summary>Refuses properties that nobody asked for.</summary>
    public void RequireNoOthers()
    {
        foreach (string name in _fields.Keys)
        {
            if (!_read.Contains(name))
            {
                throw Error($"'{name}' is not known, expected {string.Join(", ", _read)}.");
            }
        }
    }
}
