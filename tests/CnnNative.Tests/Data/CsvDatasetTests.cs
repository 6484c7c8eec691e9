// Pixels in comma-separated values: where the label stands, what shape and scale pictures get, and on which line a mistake is.

namespace CnnNative.Tests.Data;

public sealed class CsvDatasetTests
{
    [Fact]
    public void The_digits_of_scikit_learn_are_read()
    {
        TensorDataset digits = CsvDataset.Read(SharedData.File("digits.csv.gz"));

        Assert.Equal(1797, digits.Count);
        Assert.Equal("8x8x1 -> 1 (10 classes)", digits.Schema.ToString());
        Assert.Equal([0, 1, 2, 3], Enumerable.Range(0, 4).Select(digits.LabelOf));
        Assert.Equal([0, 0, 5 / 16f, 13 / 16f, 9 / 16f, 1 / 16f, 0, 0], DataFolder.Input(digits, 0).Take(8));
    }

    public static TheoryData<string, CsvOptions, float[], string> Files => new()
    {
        { "label,a,b,c,d\n7,0,4,8,16\n3,4,4,4,4\n", new(), [0, 0.25f, 0.5f, 1], "7 of 3,7" },
        { "a,b,Class,c,d\r\n0,4,x,8,16\r\n1,1,y,1,1\r\n", new(), [0, 0.25f, 0.5f, 1], "x of x,y" },
        { "0,4,8,16,cat\n\n0,0,0,0,ant\n", new(), [0, 0.25f, 0.5f, 1], "cat of ant,cat" },
        { "10,0,2,4,8\n9,0,0,0,3", new() { LabelIndex = 0 }, [0, 0.125f, 0.25f, 0.5f], "10 of 9,10" },
        { "0,51,\"a \"\"b\"\", c\",102,204\n", new() { LabelIndex = 2 }, [0, 0.2f, 0.4f, 0.8f], "a \"b\", c of a \"b\", c" },
        { "p,q,r,s,kind\n0,0.5,-0.25,1,u\n", new() { LabelColumn = "kind" }, [0, 0.5f, -0.25f, 1], "u of u" },
        { "0,1,2,4,1\n", new() { Divisor = 8, ClassNames = ["0", "1", "2"] }, [0, 0.125f, 0.25f, 0.5f], "1 of 0,1,2" },
        { "0,4,8,16,1\n", new() { Shape = (1, 2, 2) }, [0, 0.25f, 0.5f, 1], "1 of 1" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Labels_are_found_and_pixels_scaled(string text, CsvOptions options, float[] pixels, string label)
    {
        using DataFolder folder = new();

        TensorDataset dataset = CsvDataset.Read(folder.Write("rows.csv", text), options);

        Assert.Equal(pixels, DataFolder.Input(dataset, 0));
        Assert.Equal(options.Shape ?? (2, 2, 1), dataset.Schema.Inputs[0].Shape);
        Assert.Equal(label, $"{dataset.Schema.ClassNames![dataset.LabelOf(0)]} of {string.Join(',', dataset.Schema.ClassNames)}");
        Assert.Equal("rows.csv[0]", dataset.NameOf(0));
    }

    public static TheoryData<string, CsvOptions, string> Broken => new()
    {
        { "", new(), ": the file has no rows of pixels." },
        { "label,a,b,c,d\n", new(), ": the file has no rows of pixels." },
        { "0,1,2,4,1\n0,1,2,1\n", new(), ", line 2: the row has 4 columns, expected 5 as in the first one." },
        { "0,1,2,4,1\n\n0,1,x,4,1\n", new(), ", line 3, column 3: 'x' is no pixel, expected a finite number." },
        { "0,1,2,4,1\n0,NaN,2,4,1\n", new(), ", line 2, column 2: 'NaN' is no pixel, expected a finite number." },
        { "0,1,2,4,1\n0,1e999,2,4,1\n", new(), ", line 2, column 2: '1e999' is no pixel, expected a finite number." },
        { "0,1,2,4,1\n0,1,2,4,\n", new(), ", line 2: the label is empty." },
        { "0,1,2,1\n", new(), ": 3 pixels are no gray square; say what shape the pictures have." },
        { "0,1,2,4,1\n", new() { Shape = (2, 3, 1) }, ": a row has 4 pixels, expected 6 for pictures of 2x3x1." },
        { "0,1,2,4,1\n0,1,2,4,5\n", new() { ClassNames = ["0", "1"] }, ", line 2: the label '5' is none of the classes 0, 1." },
        { "a,b,c,d,e\n", new() { LabelColumn = "f" }, ": there is no column 'f', found a, b, c, d, e." },
        { "0,1,2,4,1\n", new() { LabelColumn = "f" }, ": there is no column 'f', found no header." },
        { "0,1,2,4,1\n", new() { LabelIndex = 9 }, ": there is no column 9 for labels, the file has 5." },
        { "0\n", new(), ", line 1: the row has one column, expected pixels and a label." },
        { "0,1,2,4,1\n0,1,2,\"4\n,1\n", new(), ", line 2: a quote is not closed before the end of the file." },
        { "0,\"1\"2,2,4,1\n", new(), ", line 1: '2' follows a closing quote, expected a comma." },
        { "0,1,2,4,1\n0,1,2,4,1\n", new() { MaxPixels = 7 }, ", line 2: the file has more than 7 pixels." },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_mistake_is_named_with_its_line(string text, CsvOptions options, string expected)
    {
        using DataFolder folder = new();
        string path = folder.Write("rows.csv", text);

        Assert.Equal($"'{path}'{expected}", Assert.Throws<InvalidDataException>(() => CsvDataset.Read(path, options)).Message);
    }

    [Fact]
    public void Numpy_arrays_become_a_data_set()
    {
        using DataFolder folder = new();
        string inputs = folder.PathOf("x.npy"), targets = folder.PathOf("y.npy");
        string short1 = folder.PathOf("short.npy"), nan = folder.PathOf("nan.npy");
        Write(inputs, [0, 51, 102, 255, 0, 0, 0, 0], (2, 2, 2));
        Write(targets, [1, 0], 2);
        Write(short1, [1], 1);
        Write(nan, [float.NaN, 0], 2);

        using TensorDataset dataset = NpyDataset.Read(inputs, targets, ["no", "yes"], divisor: 255);

        Assert.Equal("2x2x1 -> 1 (2 classes)", dataset.Schema.ToString());
        Assert.Equal([0, 0.2f, 0.4f, 1], DataFolder.Input(dataset, 0));
        Assert.Equal(1, dataset.LabelOf(0));
        Assert.Contains("has 2 inputs (2x2x2)", Refused(short1, null), StringComparison.Ordinal);
        Assert.Contains("value 0 of sample 0 of the field 'target' is NaN", Refused(nan, null), StringComparison.Ordinal);
        Assert.Contains("the label of sample 0 is 1, expected a whole number from 0 to 0", Refused(targets, ["no"]),
            StringComparison.Ordinal);

        string Refused(string path, string[]? names) =>
            Assert.Throws<InvalidDataException>(() => NpyDataset.Read(inputs, path, names)).Message;

        static void Write(string path, float[] values, Shape shape)
        {
            using Tensor tensor = Tensor.FromSpan(values, shape);
            NpyFile.Write(path, tensor);
        }
    }
}
