// Writes a small C program that prints what the C compiler makes of the header: the size of every struct, the offset and
// size of every field, the value of every constant. The tests compare it with the C# side.

using System.Text;

namespace CnnNative.BindingGenerator;

internal static class LayoutWriter
{
    public static string Write(Header header)
    {
        StringBuilder text = new();
        text.Append("/* layout.g.c - written by CnnNative.BindingGenerator from native/include/cnn.h; run ./build.sh bindings to renew it.\n");
        text.Append(" * Prints how the C compiler lays out the header, for comparison with the bindings. */\n");
        text.Append("#include \"cnn.h\"\n\n#include <stddef.h>\n#include <stdio.h>\n\n");
        text.Append("#define STRUCT(type) printf(\"struct \" #type \" %zu\\n\", sizeof(type))\n");
        text.Append("#define PLACE(type, field) offsetof(type, field), sizeof(((type *)0)->field)\n");
        text.Append("#define FIELD(type, field) printf(\"field \" #type \".\" #field \" %zu %zu\\n\", PLACE(type, field))\n");
        text.Append("#define ENUM(type, name) printf(\"enum \" #type \".\" #name \" %d\\n\", (int)(name))\n\n");
        text.Append("int main(void)\n{\n");
        foreach (StructDeclaration declaration in header.Structs)
        {
            text.Append($"    STRUCT({declaration.Name});\n");
            foreach (FieldDeclaration field in declaration.Fields)
            {
                text.Append($"    FIELD({declaration.Name}, {field.Name});\n");
            }
        }

        foreach (EnumDeclaration declaration in header.Enums)
        {
            foreach (EnumValue value in declaration.Values)
            {
                text.Append($"    ENUM({declaration.Name}, {value.Name});\n");
            }
        }

        text.Append("    return 0;\n}\n");
        return text.ToString();
    }
}
