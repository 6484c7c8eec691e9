// How a tensor looks in a debugger or a log: its shape, and its elements nested in brackets, with the middle of a long
// dimension left out, as NumPy users know it.

using System.Globalization;
using System.Text;

namespace CnnNative;

internal static class TensorText
{
    private const int Shown = 3;

    public static string Format(Tensor tensor)
    {
        var text = new StringBuilder("Tensor ").Append(tensor.Shape.ToString()).Append(' ');
        using TensorAccess access = tensor.Access();
        Append(text, access.Values, tensor.Shape.ToArray());
        return text.ToString();
    }

    private static void Append(StringBuilder text, ReadOnlySpan<float> values, ReadOnlySpan<int> dimensions)
    {
        if (dimensions.IsEmpty)
        {
            text.Append(values[0].ToString("G6", CultureInfo.InvariantCulture));
            return;
        }

        int length = dimensions[0], step = values.Length / length;
        text.Append('[');
        for (int i = 0; i < length; i++)
        {
            if (i > 0)
            {
                text.Append(", ");
            }

            if (i == Shown && length > 2 * Shown)
            {
                text.Append("..., ");
                i = length - Shown;
            }

            Append(text, values.Slice(i * step, step), dimensions[1..]);
        }

        text.Append(']');
    }
}
