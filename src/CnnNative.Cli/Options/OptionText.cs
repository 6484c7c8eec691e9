// Words with numbers behind them, such as rotate:10 or step:30:0.1, and the messages about wrong ones.

using System.Globalization;

namespace CnnNative.Cli;

/// <summary>A word and its numbers.</summary>
internal sealed class OptionText
{
    private readonly string _option, _text, _form;
    private readonly string[] _parts;

    private OptionText(string option, string text, string form)
    {
        (_option, _text, _form) = (option, text, form);
        _parts = text.Split(':');
    }

    /// <summary>The word before the first colon.</summary>
    public string Word => _parts[0];

    /// <summary>Takes a text apart.</summary>
    /// <param name="option">The option that it was given to.</param>
    /// <param name="text">The text.</param>
    /// <param name="form">What is expected, for messages.</param>
    public static OptionText Parse(string option, string text, string form) => new(option, text.Trim(), form);

    /// <summary>How many numbers follow.</summary>
    public OptionText AtMost(int numbers) => _parts.Length - 1 <= numbers ? this : throw Wrong();

    /// <summary>A number by its place, or what stands for it where it was left out.</summary>
    public double Number(int index, double absent)
    {
        if (index + 1 >= _parts.Length)
        {
            return absent;
        }

        string text = _parts[index + 1];
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw Wrong();
    }

    /// <summary>A whole number by its place.</summary>
    public int Whole(int index, int absent)
    {
        double value = Number(index, absent);
        return value == Math.Floor(value) && Math.Abs(value) <= 1e9 ? (int)value : throw Wrong();
    }

    /// <summary>What to throw for a text that is none of those expected.</summary>
    public UserException Wrong(string? why = null) =>
        new($"{_option} is '{_text}'{(why is null ? "" : $": {why.TrimEnd('.')}")}, expected {_form}.");

    /// <summary>Makes something of the numbers; those that are out of range are told with the option.</summary>
    public T Make<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException error)
        {
            throw Wrong(Program.MessageOf(error).Split('\n')[0]);
        }
    }
}
