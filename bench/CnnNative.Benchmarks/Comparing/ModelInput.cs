// The values of an input, as both sides get them: a type, dimensions in the file's order, and bytes in a file, so that processes
// can be handed them.

using System.Globalization;
using System.Runtime.InteropServices;

namespace CnnNative.Benchmarks.Comparing;

/// <summary>An input of a model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its elements as .NET calls it, such as Single.</param>
/// <param name="Dimensions">Its dimensions.</param>
/// <param name="Bytes">Its elements, row-major.</param>
internal sealed record ModelInput(string Name, TypeCode Type, int[] Dimensions, byte[] Bytes)
{
    /// <summary>The elements as numbers.</summary>
    public ReadOnlySpan<T> Values<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes);

    /// <summary>Writes the elements to a file, and says what a child process needs to read them.</summary>
    public string[] Describe(string file)
    {
        File.WriteAllBytes(file, Bytes);
        return [Name, Type.ToString(), string.Join('x', Dimensions.Select(size => size.ToString(CultureInfo.InvariantCulture))), file];
    }

    /// <summary>Reads inputs that were described, four arguments each.</summary>
    public static ModelInput[] Read(ReadOnlySpan<string> arguments)
    {
        ModelInput[] inputs = new ModelInput[arguments.Length / 4];
        for (int i = 0; i < inputs.Length; i++)
        {
            ReadOnlySpan<string> one = arguments.Slice(4 * i, 4);
            string[] sizes = one[2].Split('x', StringSplitOptions.RemoveEmptyEntries);
            int[] dimensions = Array.ConvertAll(sizes, size => int.Parse(size, CultureInfo.InvariantCulture));
            inputs[i] = new ModelInput(one[0], Enum.Parse<TypeCode>(one[1]), dimensions, File.ReadAllBytes(one[3]));
        }

        return inputs;
    }
}
