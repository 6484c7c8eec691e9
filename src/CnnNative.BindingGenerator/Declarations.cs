// What a C header declares, reduced to what a binding needs. Types keep the spelling of C; turning them into C# is the
// writer's business.

namespace CnnNative.BindingGenerator;

/// <summary>A named constant of an enum.</summary>
internal sealed record EnumValue(string Name, string Value, string Documentation);

/// <summary>An enum with pinned values.</summary>
internal sealed record EnumDeclaration(string Name, string Documentation, IReadOnlyList<EnumValue> Values);

/// <summary>A field of a struct; Length is the number of elements of an array, or 0 for anything else.</summary>
internal sealed record FieldDeclaration(string Name, string Type, int Length, string Documentation);

/// <summary>A struct whose fields are known.</summary>
internal sealed record StructDeclaration(string Name, string Documentation, IReadOnlyList<FieldDeclaration> Fields);

/// <summary>A struct that the header only names: a handle.</summary>
internal sealed record HandleDeclaration(string Name, string Documentation);

/// <summary>A parameter of a function.</summary>
internal sealed record ParameterDeclaration(string Name, string Type);

/// <summary>A function.</summary>
internal sealed record FunctionDeclaration(
    string Name, string ReturnType, string Documentation, IReadOnlyList<ParameterDeclaration> Parameters);

/// <summary>Everything that a header and its parts declare, in their order, and the text it was read from.</summary>
internal sealed record Header(
    IReadOnlyList<EnumDeclaration> Enums,
    IReadOnlyList<StructDeclaration> Structs,
    IReadOnlyList<HandleDeclaration> Handles,
    IReadOnlyList<FunctionDeclaration> Functions,
    string Text);
