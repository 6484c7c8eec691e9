// --shape NAME=1x3x480x640: the sizes of inputs that a model leaves open.

using System.CommandLine;
using System.Globalization;

namespace CnnNative.Cli;

internal sealed class ShapeOption
{
    private readonly Option<string[]> _shapes = new("--shape")
    {
        Description =
            "The shape of an input whose sizes the file leaves open, with the dimensions in the file's order, such as " +
            "image=1x3x480x640; may be given several times.",
        HelpName = "NAME=SIZES",
        DefaultValueFactory = _ => [],
    };

    public void AddTo(Command command) => command.Options.Add(_shapes);

    /// <summary>The shapes by the names of inputs.</summary>
    public IReadOnlyDictionary<string, Shape> Read(ParseResult parsed)
    {
        Dictionary<string, Shape> shapes = new(StringComparer.Ordinal);
        foreach (string text in parsed.GetValue(_shapes)!)
        {
            int sign = text.LastIndexOf('=');
            if (sign < 1 || !shapes.TryAdd(text[..sign], Parse(text, text[(sign + 1)..])))
            {
                throw Wrong(text);
            }
        }

        return shapes;
    }

    private static Shape Parse(string text, string sizes)
    {
        string[] parts = sizes.Split('x', 'X');
        int[] numbers = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]) || numbers[i] < 1)
            {
                throw Wrong(text);
            }
        }

        return numbers.Length <= Shape.MaxRank ? new Shape(numbers) : throw Wrong(text);
    }

    private static UserException Wrong(string text) => new(
        $"--shape is '{text}', expected NAME=SIZES with each name once and sizes from 1 on, such as image=1x3x480x640.");
}
