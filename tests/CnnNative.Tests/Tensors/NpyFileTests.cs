// .npy files: round trips, every element type that is read, and broken files that must be refused.

using System.Buffers.Binary;
using System.Text;

namespace CnnNative.Tests.Tensors;

public sealed class NpyFileTests
{
    public static TheoryData<int[]> Shapes => new(new[] { 1 }, new[] { 7 }, new[] { 3, 4 }, new[] { 1, 5, 6, 2 }, new[] { 1, 1, 1, 1, 1, 2 });

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_tensor_survives_being_written_and_read(int[] dimensions)
    {
        Shape shape = new(dimensions);
        float[] values = [.. Enumerable.Range(0, (int)shape.ElementCount).Select(i => i * 0.25f - 3)];
        using Tensor tensor = Tensor.FromSpan(values, shape);
        using MemoryStream stream = new();

        NpyFile.Write(stream, tensor);
        Assert.Equal(0, (stream.Length - values.Length * sizeof(float)) % 64);
        stream.Position = 0;
        using Tensor read = NpyFile.Read(stream);

        Assert.Equal(shape, read.Shape);
        Assert.Equal(values, read.ToArray());
    }

    public static TheoryData<string, byte[]> ElementTypes => new()
    {
        { "<f4", [0, 0, 128, 63, 0, 0, 0, 192] },
        { "<f8", [0, 0, 0, 0, 0, 0, 240, 63, 0, 0, 0, 0, 0, 0, 0, 192] },
        { "<i8", [1, 0, 0, 0, 0, 0, 0, 0, 254, 255, 255, 255, 255, 255, 255, 255] },
        { "<i4", [1, 0, 0, 0, 254, 255, 255, 255] },
        { "<i2", [1, 0, 254, 255] },
        { "|i1", [1, 254] },
    };

    [Theory]
    [MemberData(nameof(ElementTypes))]
    public void One_and_minus_two_are_read_from_every_element_type(string type, byte[] elements)
    {
        using MemoryStream stream = new(File($"{{'descr': '{type}', 'fortran_order': False, 'shape': (2,), }}\n", elements));

        using Tensor tensor = NpyFile.Read(stream);

        Assert.Equal([1, -2], tensor.ToArray());
    }

    [Fact]
    public void An_array_without_dimensions_becomes_a_scalar()
    {
        using MemoryStream stream = new(File("{'descr': '|u1', 'fortran_order': False, 'shape': (), }\n", [200]));

        using Tensor tensor = NpyFile.Read(stream);

        Assert.Equal(default, tensor.Shape);
        Assert.Equal([200], tensor.ToArray());
    }

    public static TheoryData<byte[], string> BrokenFiles => new()
    {
        { [], "cut short" },
        { "PNG, not an array"u8.ToArray(), "does not start like" },
        { File("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }\n", [0, 0, 0, 0]), "cut short" },
        { File("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }\n", [0, 0, 0, 0]), "Fortran order" },
        { File("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }\n", new byte[8]), "'<c8'" },
        { File("{'descr': '<f4', 'shape': (1,), }\n", new byte[4]), "lacks" },
        { File("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }\n", []), "dimension 0" },
        { File("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1, 1), }\n", []), "is not one of a tensor" },
        { File("{'descr': '<f4', 'fortran_order': False, 'shape': (2000000000,), }\n", []), "cut short" },
        { [0x93, .. "NUMPY"u8, 9, 0, 0, 0], "version is 9.0" },
        { [0x93, .. "NUMPY"u8, 2, 0, 255, 255, 255, 127], "at most" },
    };

    [Theory]
    [MemberData(nameof(BrokenFiles))]
    public void A_broken_file_is_refused_with_a_sentence(byte[] bytes, string expected)
    {
        using MemoryStream stream = new(bytes);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => NpyFile.Read(stream, "broken.npy"));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("broken.npy", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_nothing_else()
    {
        string folder = Directory.CreateTempSubdirectory("npy").FullName;
        string path = Path.Combine(folder, "weights.npy");
        using Tensor tensor = Tensor.Full(3, 1);
        NpyFile.Write(path, tensor);
        byte[] before = System.IO.File.ReadAllBytes(path);
        tensor.Dispose();

        Assert.Throws<ObjectDisposedException>(() => NpyFile.Write(path, tensor));

        Assert.Equal(before, System.IO.File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder));
        Directory.Delete(folder, recursive: true);
    }

    private static byte[] File(string header, byte[] elements)
    {
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)header.Length);
        return [0x93, .. "NUMPY"u8, 1, 0, .. length, .. Encoding.ASCII.GetBytes(header), .. elements];
    }
}
