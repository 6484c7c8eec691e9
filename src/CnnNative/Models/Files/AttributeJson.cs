// Attributes of operators as JSON. A number is written with a point or an exponent, so that it is not read as a whole number
// again; infinity is a number that is too large for a double, which JSON allows and all readers take for infinity.

using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace CnnNative.Models;

internal static class AttributeJson
{
    private const string Infinity = "1e999";
    private static readonly SearchValues<char> PointOrExponent = SearchValues.Create(".eE");

    /// <summary>Writes an object with a property for each attribute.</summary>
    /// <exception cref="ArgumentException">A number is NaN, which JSON does not have.</exception>
    public static void Write(Utf8JsonWriter json, AttributeSet attributes)
    {
        json.WriteStartObject();
        foreach ((string name, AttributeValue value) in attributes)
        {
            json.WritePropertyName(name);
            Write(json, name, value);
        }

        json.WriteEndObject();
    }

    /// <summary>Reads such an object.</summary>
    /// <exception cref="FormatException">A property is neither a number nor a text nor a list of numbers.</exception>
    public static AttributeSet Read(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"the attributes are {Described(element)}, expected an object.");
        }

        AttributeSet attributes = [];
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (attributes.TryGet(property.Name, out _))
            {
                throw new FormatException($"the attribute '{property.Name}' is there twice.");
            }

            attributes.Add(property.Name, Read(property.Name, property.Value));
        }

        return attributes;
    }

    /// <summary>The first letters of an element, for messages.</summary>
    public static string Described(JsonElement element)
    {
        const int Shown = 40;
        string text = element.GetRawText();
        return text.Length <= Shown ? text : $"{text.AsSpan(0, Shown)}...";
    }

    private static void Write(Utf8JsonWriter json, string name, AttributeValue value)
    {
        switch (value.Kind)
        {
            case AttributeKind.Integer:
                json.WriteNumberValue(value.ToInteger());
                break;
            case AttributeKind.Number:
                json.WriteRawValue(Number(name, value.ToNumber()));
                break;
            case AttributeKind.Text:
                json.WriteStringValue(value.ToText());
                break;
            case AttributeKind.Integers:
                JsonText.WriteList(
                    json, value.ToIntegers().ToArray().Select(item => item.ToString(CultureInfo.InvariantCulture)));
                break;
            default:
                JsonText.WriteList(json, value.ToNumbers().ToArray().Select(number => Number(name, number)));
                break;
        }
    }

    private static string Number(string name, double value)
    {
        if (double.IsNaN(value))
        {
            throw new ArgumentException($"The attribute '{name}' is NaN, which cannot be written; expected a number.");
        }

        if (double.IsInfinity(value))
        {
            return value > 0 ? Infinity : "-" + Infinity;
        }

        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().ContainsAny(PointOrExponent) ? text : text + ".0";
    }

    private static AttributeValue Read(string name, JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True => 1L,
        JsonValueKind.False => 0L,
        JsonValueKind.String => element.GetString()!,
        JsonValueKind.Number when IsInteger(element) => element.GetInt64(),
        JsonValueKind.Number => element.GetDouble(),
        JsonValueKind.Array when element.EnumerateArray().All(IsInteger) =>
            element.EnumerateArray().Select(item => item.GetInt64()).ToArray(),
        JsonValueKind.Array when element.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number) =>
            element.EnumerateArray().Select(item => item.GetDouble()).ToArray(),
        _ => throw new FormatException(
            $"the attribute '{name}' is {Described(element)}, expected a number, a text or a list of numbers."),
    };

    private static bool IsInteger(JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && !element.GetRawText().AsSpan().ContainsAny(PointOrExponent) &&
        element.TryGetInt64(out _);
}
