// A parameter that a layer asks for before it is known whether its shape fits: memory is taken only when it does.

namespace CnnNative.Models;

/// <summary>A parameter of a layer that is being added to a graph.</summary>
/// <param name="Suffix">Its name behind that of the layer, such as "weight".</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Role">What it is.</param>
/// <param name="Initializer">What fills it; null for what <see cref="ParameterInitialization"/> finds right for its
/// place.</param>
internal sealed record NewParameter(string Suffix, Shape Shape, ParameterRole Role, Initializer? Initializer = null);
