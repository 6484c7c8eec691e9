// Writes src/CnnNative/Interop/NativeMethods.g.cs and tests/native/layout.g.c from native/include/cnn.h, or only compares them
// (--check), which is what CI does. Ends with 0, 1 when files differ, 2 when something is wrong.

namespace CnnNative.BindingGenerator;

internal static class Program
{
    private const string Usage =
        "Usage: CnnNative.BindingGenerator --header FILE.h --output FILE.cs --layout FILE.c [--clang COMMAND] [--check]";

    private static int Main(string[] arguments)
    {
        try
        {
            return Run(arguments);
        }
        catch (Exception error) when (error is GeneratorException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"bindings: {error.Message}");
            return 2;
        }
    }

    private static int Run(string[] arguments)
    {
        Dictionary<string, string> options = new() { ["--clang"] = "clang" };
        bool check = false;
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--check")
            {
                check = true;
            }
            else if (arguments[i] is "--header" or "--output" or "--layout" or "--clang" && i + 1 < arguments.Length)
            {
                options[arguments[i]] = arguments[++i];
            }
            else
            {
                throw new GeneratorException($"'{arguments[i]}' is not an option, or its value is missing. {Usage}");
            }
        }

        foreach (string required in (string[])["--header", "--output", "--layout"])
        {
            if (!options.ContainsKey(required))
            {
                throw new GeneratorException($"{required} is missing. {Usage}");
            }
        }

        Header header = HeaderReader.Read(options["--header"], options["--clang"]);
        bool same = Put(options["--output"], new BindingWriter(header).Write(), check);
        same &= Put(options["--layout"], LayoutWriter.Write(header), check);
        return same ? 0 : 1;
    }

    /// <summary>Writes the file, or tells whether it already says the same.</summary>
    private static bool Put(string path, string text, bool check)
    {
        if (!check)
        {
            File.WriteAllText(path, text);
            return true;
        }

        if (File.Exists(path) && File.ReadAllText(path).ReplaceLineEndings("\n") == text)
        {
            return true;
        }

        Console.Error.WriteLine($"bindings: {path} does not follow from the header; run ./build.sh bindings and commit the result.");
        return false;
    }
}
