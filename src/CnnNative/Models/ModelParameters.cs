// What several parts of a model say of its parameters.

namespace CnnNative.Models;

internal static class ModelParameters
{
    private const int Listed = 8;

    /// <summary>The elements of weights and biases, as published numbers of parameters count them.</summary>
    public static long Count(IEnumerable<Parameter> parameters) => parameters
        .Where(parameter => parameter.Role is ParameterRole.Weight or ParameterRole.Bias)
        .Sum(parameter => parameter.Shape.ElementCount);

    /// <summary>Some of the names, for messages.</summary>
    public static string List(IReadOnlyCollection<Parameter> parameters) =>
        List([.. parameters.Select(parameter => parameter.Name)]);

    /// <summary>Some of the names, for messages.</summary>
    public static string List(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(Listed)) + (names.Count > Listed ? $" and {names.Count - Listed} others" : "");
}
