// From the names of C to those of C#: cnn_conv2d_desc becomes CnnConv2dDesc, CNN_PADDING_SAME_LOWER of cnn_padding_mode
// becomes SameLower.

using System.Globalization;

namespace CnnNative.BindingGenerator;

internal static class Naming
{
    private const string Prefix = "cnn_";

    public static string Type(string name) => Pascal(name);

    public static string Handle(string name) => Pascal(name) + "Handle";

    public static string Function(string name) => Pascal(name[Prefix.Length..]);

    public static string Field(string name) => Pascal(name);

    public static string Parameter(string name)
    {
        string pascal = Pascal(name);
        return char.ToLowerInvariant(pascal[0]) + pascal[1..];
    }

    /// <summary>The name of a constant without the words that it shares with the name of its enum.</summary>
    public static string Value(string enumName, string valueName)
    {
        string[] words = valueName.Split('_'), owner = enumName.ToUpperInvariant().Split('_');
        int shared = 0;
        while (shared < owner.Length && shared < words.Length - 1 && words[shared] == owner[shared])
        {
            shared++;
        }

        return Pascal(string.Join('_', words[shared..]).ToLowerInvariant());
    }

    private static string Pascal(string name) => string.Concat(
        name.Split('_', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word[..1].ToUpper(CultureInfo.InvariantCulture) + word[1..]));
}
