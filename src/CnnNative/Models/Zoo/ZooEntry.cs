// A network of the zoo: its name, what it was made for, and how it is built.

namespace CnnNative.Models;

/// <summary>A network by name.</summary>
/// <param name="Name">Its name in small letters.</param>
/// <param name="Input">The shape of the pictures that it was made for.</param>
/// <param name="Classes">The number of classes that it was made for.</param>
/// <param name="Build">Adds it to a graph behind a picture, and gives the logits.</param>
internal sealed record ZooEntry(string Name, Shape Input, int Classes, Func<GraphBuilder, GraphValue, int, GraphValue> Build);
