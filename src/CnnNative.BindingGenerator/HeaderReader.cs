// Reads a C header through clang's JSON syntax tree, so that the compiler itself says what the header means. Kept is what the
// header and its parts declare (see HeaderFiles), not what the C library's headers do.

using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CnnNative.BindingGenerator;

internal static class HeaderReader
{
    /// <summary>Reads a header file.</summary>
    /// <exception cref="GeneratorException">The file is not there, clang is not, or it does not accept the header.</exception>
    public static Header Read(string path, string clang)
    {
        HeaderFiles files = HeaderFiles.Of(path);
        using JsonDocument tree = Parse(RunClang(path, clang), clang);
        JsonElement[] declarations = OwnDeclarations(tree.RootElement, files);
        foreach (JsonElement declaration in declarations)
        {
            RefuseWhatHasNoRule(declaration);
        }

        return new Header(
            [.. declarations.Where(d => Kind(d) == "EnumDecl").Select(ReadEnum)],
            [.. declarations.Where(d => Kind(d) == "RecordDecl" && IsComplete(d)).Select(ReadStruct)],
            ReadHandles(declarations),
            [.. declarations.Where(d => Kind(d) == "FunctionDecl").Select(ReadFunction)],
            files.Text);
    }

    private static string RunClang(string path, string clang)
    {
        ProcessStartInfo start = new(clang, ["-x", "c", "-std=c11", "-fsyntax-only", "-Xclang", "-ast-dump=json", path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0
                ? output
                : throw new GeneratorException($"{clang} does not accept '{path}': {FirstError(errors.Result)}");
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new GeneratorException($"'{clang}' cannot be started ({error.Message}); install the package clang or name it with --clang.", error);
        }
    }

    /// <summary>The line that says what is wrong; the source excerpt around it would only blur the message.</summary>
    private static string FirstError(string output)
    {
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.FirstOrDefault(line => line.Contains("error:", StringComparison.Ordinal)) ?? lines.FirstOrDefault("no message.");
    }

    private static JsonDocument Parse(string output, string clang)
    {
        try
        {
            return JsonDocument.Parse(output, new JsonDocumentOptions { MaxDepth = 512 });
        }
        catch (JsonException error)
        {
            throw new GeneratorException($"'{clang}' printed no syntax tree in JSON; --clang must name a clang of version 9 or later.", error);
        }
    }

    /// <summary>What C allows and a binding would get wrong without a word: the size of a bit-field, the overlap of a union,
    /// arguments that are not declared, functions that no library exports.</summary>
    private static void RefuseWhatHasNoRule(JsonElement node)
    {
        string name = Text(node, "name");
        string? reason = Kind(node) switch
        {
            "RecordDecl" or "EnumDecl" when name.Length == 0 => "has no tag after struct or enum",
            "RecordDecl" when Text(node, "tagUsed") == "union" => "is a union",
            "RecordDecl" when Children(node).Any(child => Has(child, "isBitfield")) => "has a bit-field",
            "FunctionDecl" when Has(node, "variadic") => "takes a variable number of arguments",
            "FunctionDecl" when Text(node, "storageClass") == "static" => "is static, so the library does not export it",
            "FunctionDecl" when Children(node).Any(child => Kind(child) == "ParmVarDecl" && Text(child, "name").Length == 0) =>
                "has a parameter without a name",
            _ => null,
        };
        if (reason is not null)
        {
            throw new GeneratorException($"{(name.Length == 0 ? "a declaration" : name)} {reason}, for which there is no rule.");
        }
    }

    private static EnumDeclaration ReadEnum(JsonElement node)
    {
        List<EnumValue> values = [];
        foreach (JsonElement constant in Children(node).Where(child => Kind(child) == "EnumConstantDecl"))
        {
            string? value = Children(constant).Select(child => Text(child, "value")).FirstOrDefault(text => text.Length > 0);
            values.Add(new EnumValue(
                Text(constant, "name"),
                value ?? throw new GeneratorException($"{Text(constant, "name")} has no explicit value; ABI values are pinned."),
                Documentation(constant)));
        }

        return new EnumDeclaration(Text(node, "name"), Documentation(node), values);
    }

    private static StructDeclaration ReadStruct(JsonElement node)
    {
        List<FieldDeclaration> fields = [];
        foreach (JsonElement field in Children(node).Where(child => Kind(child) == "FieldDecl"))
        {
            string type = TypeOf(field);
            int open = type.IndexOf('[', StringComparison.Ordinal), length = 0;
            if (open >= 0)
            {
                length = int.TryParse(type[(open + 1)..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
                    ? count
                    : throw new GeneratorException($"{Text(node, "name")}.{Text(field, "name")} has the type '{type}', for which there is no rule.");
                type = type[..open].Trim();
            }

            fields.Add(new FieldDeclaration(Text(field, "name"), type, length, Documentation(field)));
        }

        return new StructDeclaration(Text(node, "name"), Documentation(node), fields);
    }

    /// <summary>Structs that are named but never completed. Their documentation stands at the struct or at its typedef.</summary>
    private static List<HandleDeclaration> ReadHandles(JsonElement[] declarations)
    {
        HashSet<string> complete = [.. declarations.Where(IsComplete).Select(d => Text(d, "name"))];
        List<HandleDeclaration> handles = [];
        foreach (JsonElement node in declarations.Where(d => Kind(d) == "RecordDecl" && !IsComplete(d)))
        {
            string name = Text(node, "name");
            if (complete.Contains(name) || handles.Exists(handle => handle.Name == name))
            {
                continue;
            }

            string documentation = declarations.Where(d => Text(d, "name") == name).Select(Documentation).FirstOrDefault(text => text.Length > 0, "");
            handles.Add(new HandleDeclaration(name, documentation));
        }

        return handles;
    }

    private static FunctionDeclaration ReadFunction(JsonElement node)
    {
        string type = TypeOf(node);
        return new FunctionDeclaration(
            Text(node, "name"),
            type[..type.IndexOf('(', StringComparison.Ordinal)].Trim(),
            Documentation(node),
            [.. Children(node).Where(child => Kind(child) == "ParmVarDecl").Select(p => new ParameterDeclaration(Text(p, "name"), TypeOf(p)))]);
    }

    /// <summary>The declarations that stand in the files. Clang names a file only where it differs from the one of the place
    /// printed before, so all places are followed in the order of the text, those inside of declarations as well.</summary>
    private static JsonElement[] OwnDeclarations(JsonElement root, HeaderFiles files)
    {
        List<JsonElement> own = [];
        string current = "";
        foreach (JsonElement declaration in Children(root))
        {
            bool placed = declaration.TryGetProperty("loc", out JsonElement location) && location.TryGetProperty("offset", out _);
            string before = placed && location.TryGetProperty("file", out JsonElement file) ? file.GetString()! : current;
            if (placed && files.Contains(before))
            {
                own.Add(declaration);
            }

            current = LastFile(declaration) ?? current;
        }

        return [.. own];
    }

    /// <summary>The file that was named last in a part of the tree, or null where none was.</summary>
    private static string? LastFile(JsonElement part) => part.ValueKind switch
    {
        JsonValueKind.Object => part.EnumerateObject()
            .Where(member => member.Name != "includedFrom")
            .Select(member => member.Name == "file" && member.Value.ValueKind == JsonValueKind.String
                ? member.Value.GetString()
                : LastFile(member.Value))
            .LastOrDefault(file => file is not null),
        JsonValueKind.Array => part.EnumerateArray().Select(LastFile).LastOrDefault(file => file is not null),
        _ => null,
    };

    private static bool IsComplete(JsonElement node) =>
        node.TryGetProperty("completeDefinition", out JsonElement complete) && complete.GetBoolean();

    /// <summary>The comment of a declaration as one line. Plain text only: a Doxygen command or an HTML tag would be lost.</summary>
    private static string Documentation(JsonElement node)
    {
        StringBuilder text = new();
        foreach (JsonElement paragraph in Children(node).Where(child => Kind(child) == "FullComment").SelectMany(Children))
        {
            foreach (JsonElement part in Children(paragraph).Prepend(paragraph))
            {
                text.Append(Kind(part) switch
                {
                    "ParagraphComment" => " ",
                    "TextComment" => Text(part, "text"),
                    _ => throw new GeneratorException(
                        $"the comment of {Text(node, "name")} has a Doxygen command or an HTML tag ('{Text(part, "name")}'); write plain text."),
                });
            }
        }

        return string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static IEnumerable<JsonElement> Children(JsonElement node) =>
        node.TryGetProperty("inner", out JsonElement inner) ? inner.EnumerateArray() : [];

    private static bool Has(JsonElement node, string flag) => node.TryGetProperty(flag, out JsonElement value) && value.GetBoolean();

    private static string Kind(JsonElement node) => Text(node, "kind");

    private static string TypeOf(JsonElement node) => Text(node.GetProperty("type"), "qualType");

    private static string Text(JsonElement node, string property) =>
        node.TryGetProperty(property, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
