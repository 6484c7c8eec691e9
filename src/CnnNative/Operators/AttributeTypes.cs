// How the options that several operators share are written as attributes, and read again.

using System.Globalization;

namespace CnnNative.Operators;

internal static class AttributeTypes
{
    public static AttributeSet With(this AttributeSet set, string name, AttributeValue value)
    {
        set.Add(name, value);
        return set;
    }

    public static AttributeSet With(this AttributeSet set, string name, int value) => set.With(name, (AttributeValue)(long)value);

    public static AttributeSet With(this AttributeSet set, string name, bool value) => set.With(name, (AttributeValue)(value ? 1L : 0L));

    public static AttributeSet With(this AttributeSet set, string name, float value) =>
        set.With(name, (AttributeValue)Shortest(value));

    public static AttributeSet With(this AttributeSet set, string name, Size2d value) =>
        set.With(name, (AttributeValue)(long[])[value.Height, value.Width]);

    public static AttributeSet With(this AttributeSet set, string name, ReadOnlySpan<int> values)
    {
        long[] list = new long[values.Length];
        for (int i = 0; i < list.Length; i++)
        {
            list[i] = values[i];
        }

        return set.With(name, (AttributeValue)list);
    }

    public static AttributeSet With(this AttributeSet set, string name, Padding value) => value.Kind == PaddingKind.Explicit
        ? set.With(name, (AttributeValue)(long[])[value.Top, value.Left, value.Bottom, value.Right])
        : set.With(name, (AttributeValue)value.ToString());

    public static AttributeSet WithChoice<T>(this AttributeSet set, string name, T value)
        where T : struct, Enum => set.With(name, (AttributeValue)value.ToString());

    /// <summary>An activation is its name, and its parameters where it has some; none is left out.</summary>
    public static AttributeSet With(this AttributeSet set, string name, Activation value)
    {
        if (value.Kind == ActivationKind.None)
        {
            return set;
        }

        set.Add(name, value.Kind.ToString());
        return value.Alpha == 0 && value.Beta == 0
            ? set
            : set.With(name + "_parameters", (AttributeValue)(double[])[Shortest(value.Alpha), Shortest(value.Beta)]);
    }

    public static Size2d Size2d(this AttributeSet set, string name)
    {
        if (!set.TryGet(name, out AttributeValue value))
        {
            return 1;
        }

        ReadOnlySpan<long> sizes = value.ToIntegers();
        return sizes.Length == 2
            ? new Size2d(AttributeSet.ToInt32(name, sizes[0]), AttributeSet.ToInt32(name, sizes[1]))
            : throw new FormatException($"the attribute '{name}' is '{value}', expected height and width.");
    }

    public static Size2d RequiredSize2d(this AttributeSet set, string name)
    {
        set.Required(name);
        return set.Size2d(name);
    }

    public static T Choice<T>(this AttributeSet set, string name, T absent)
        where T : struct, Enum => set.TryGet(name, out _) ? set.Choice<T>(name) : absent;

    public static T Choice<T>(this AttributeSet set, string name)
        where T : struct, Enum
    {
        AttributeValue value = set.Required(name);

        // TryParse alone would take numbers and lists of names as well.
        return Enum.TryParse(value.ToText(), out T choice) && choice.ToString() == value.ToText()
            ? choice
            : throw new FormatException(
                $"the attribute '{name}' is '{value}', expected one of {string.Join(", ", Enum.GetNames<T>())}.");
    }

    public static AttributeValue Required(this AttributeSet set, string name) => set.TryGet(name, out AttributeValue value)
        ? value
        : throw new FormatException($"the attribute '{name}' is missing.");

    public static int[] Integers(this AttributeSet set, string name)
    {
        ReadOnlySpan<long> list = set.Required(name).ToIntegers();
        int[] integers = new int[list.Length];
        for (int i = 0; i < integers.Length; i++)
        {
            integers[i] = AttributeSet.ToInt32(name, list[i]);
        }

        return integers;
    }

    public static Padding Padding(this AttributeSet set, string name)
    {
        if (!set.TryGet(name, out AttributeValue value))
        {
            return CnnNative.Padding.Valid;
        }

        if (value.Kind == AttributeKind.Text)
        {
            return value.ToText() switch
            {
                "same" => CnnNative.Padding.Same,
                "same_lower" => CnnNative.Padding.SameLower,
                _ => throw new FormatException(
                    $"the attribute '{name}' is '{value}', expected same, same_lower or four numbers."),
            };
        }

        int[] sides = set.Integers(name);
        return sides.Length == 4
            ? CnnNative.Padding.Explicit(sides[0], sides[1], sides[2], sides[3])
            : throw new FormatException($"the attribute '{name}' is '{value}', expected top, left, bottom and right.");
    }

    public static Activation Activation(this AttributeSet set, string name)
    {
        ActivationKind kind = set.Choice(name, ActivationKind.None);
        if (!set.TryGet(name + "_parameters", out AttributeValue parameters))
        {
            return new Activation(kind);
        }

        ReadOnlySpan<double> list = parameters.ToNumbers();
        return list.Length == 2
            ? new Activation(kind, (float)list[0], (float)list[1])
            : throw new FormatException($"the attribute '{name}_parameters' is '{parameters}', expected alpha and beta.");
    }

    /// <summary>The double with the fewest digits that is this number in single precision, so that 0.1 is written as
    /// 0.1.</summary>
    private static double Shortest(float value) =>
        double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
