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
        switch (tensor.ElementType)
        {
            case ElementType.Float32: Append<float>(text, tensor, "G6"); break;
            case ElementType.Float64: Append<double>(text, tensor, "G6"); break;
            case ElementType.Int32: Append<int>(text, tensor, "D"); break;
            case ElementType.Int64: Append<long>(text, tensor, "D"); break;
            case ElementType.Int16: Append<short>(text, tensor, "D"); break;
            case ElementType.UInt16: Append<ushort>(text, tensor, "D"); break;
            case ElementType.UInt32: Append<uint>(text, tensor, "D"); break;
            case ElementType.UInt64: Append<ulong>(text, tensor, "D"); break;
            case ElementType.Int8: Append<sbyte>(text, tensor, "D"); break;
            default: AppendBytes(text, tensor); break;
        }

        return text.ToString();
    }

    private static void Append<T>(StringBuilder text, Tensor tensor, string format)
        where T : unmanaged, IFormattable
    {
        using TensorAccess<T> access = tensor.Access<T>();
        Append<T>(text, access.Values, tensor.Shape.ToArray(), format);
    }

    private static void AppendBytes(StringBuilder text, Tensor tensor)
    {
        using TensorAccess<byte> access = tensor.AccessBytes();
        Append<byte>(text, access.Values, tensor.Shape.ToArray(), "D");
    }

    private static void Append<T>(StringBuilder text, ReadOnlySpan<T> values, ReadOnlySpan<int> dimensions, string format)
        where T : IFormattable
    {
        if (dimensions.IsEmpty)
        {
            text.Append(values[0].ToString(format, CultureInfo.InvariantCulture));
            return;
        }

        int length = dimensions[0], step = values.Length / Math.Max(1, length);
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

            Append(text, values.Slice(i * step, step), dimensions[1..], format);
        }

        text.Append(']');
    }
}
