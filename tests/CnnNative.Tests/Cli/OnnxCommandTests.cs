// `cnn run` and `cnn convert`, and .onnx files in all other commands.

using System.Text.Json;
using System.Text.RegularExpressions;
using CnnNative.Imaging;
using CnnNative.Tests.Onnx;
using Google.Protobuf;

namespace CnnNative.Tests.Cli;

public sealed class OnnxCommandTests(ModelFixture trained) : IClassFixture<ModelFixture>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cnn-onnx").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Arrays_go_in_and_come_out_in_the_order_of_the_file_whatever_kind_it_is()
    {
        string onnx = Write("net", Pictures()), cnn = PathOf("net.cnn"), back = PathOf("back.onnx");
        float[] values = OnnxBuilder.Values(2 * 3 * 5 * 4, 3);
        string array = Array("x", Tensor.FromSpan(values, (2, 3, 5, 4)));
        using Tensor input = Tensor.FromSpan(values, (2, 3, 5, 4));
        using TensorCollection expected = OnnxRuntime.Run(Pictures(batch: -1).Proto.ToByteArray(), "x", input);
        Succeed("convert", onnx, cnn);
        Succeed("convert", cnn, back);

        foreach (string model in (string[])[onnx, cnn, back])
        {
            string output = PathOf(Path.GetFileName(model) + "-out");
            JsonElement report = Json(
                Succeed("run", model, "--input", $"x={array}", "--out", output, "--threads", "1", "--json"));

            using Tensor map = NpyFile.ReadTyped(Path.Combine(output, "a_map.npy"));
            using Tensor mean = NpyFile.ReadTyped(Path.Combine(output, "mean.npy"));
            Assert.Equal((2, 4, 3, 2), map.Shape);
            Assert.True(map.IsClose(expected["a/map"], 1e-5f), $"{model}: {map}");
            Assert.True(mean.IsClose(expected["mean"], 1e-5f), $"{model}: {mean}");
            JsonElement[] outputs = [.. report.GetProperty("outputs").EnumerateArray()];
            Assert.Equal(["a/map", "mean"], outputs.Select(item => item.GetProperty("name").GetString()));
            Assert.Equal("[2,4,3,2]", outputs[0].GetProperty("shape").ToString());
            Assert.Equal(map.ToArray().Max(), outputs[0].GetProperty("max").GetDouble(), 1e-6);
            Assert.Equal(1, report.GetProperty("threads").GetInt32());
        }
    }

    [Fact]
    public void Convert_tells_inputs_in_the_order_of_the_file_that_it_wrote_as_run_does()
    {
        string onnx = Write("net", Pictures()), cnn = PathOf("net.cnn"), back = PathOf("back.onnx"), digits = PathOf("digits.onnx");
        foreach ((string from, string to, string sizes) in ((string, string, string)[])
            [(onnx, cnn, "batch x 3 x 5 x 4"), (cnn, back, "batch x 3 x 5 x 4"), (trained.Path, digits, "batch x 1 x 28 x 28")])
        {
            string told = Succeed("convert", from, to).Output, missing = CnnProcess.Run(["run", to]).Errors;

            string input = Regex.Match(missing, @"needs ('\w+' \(.+?\)):").Groups[1].Value;
            Assert.Contains(sizes, input, StringComparison.Ordinal);
            Assert.Contains($"inputs {input}, outputs ", told, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Whole_numbers_and_flags_go_in_and_come_out_as_what_they_are()
    {
        OnnxBuilder builder = new OnnxBuilder().Input("table", 4, 3).Input("rows", ElementType.Int64, 2).Output("taken")
            .Output("large")
            .Output("rows_out").Weights("zero", 1)
            .Node("Gather", "table rows", "taken").Node("Greater", "taken zero", "large").Node("Add", "rows rows", "rows_out");
        string model = Write("take", builder), output = PathOf("out");
        string table = Array("table", Tensor.FromSpan([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], (4, 3)));
        string rows = Array("rows", Tensor.From<int>([3, 1], 2));

        Succeed("run", model, "--input", $"table={table}", "--input", $"rows={rows}", "--out", output);

        using Tensor taken = NpyFile.ReadTyped(Path.Combine(output, "taken.npy"));
        using Tensor large = NpyFile.ReadTyped(Path.Combine(output, "large.npy"));
        using Tensor doubled = NpyFile.ReadTyped(Path.Combine(output, "rows_out.npy"));
        Assert.Equal([9, 10, 11, 3, 4, 5], taken.ToArray());
        Assert.All(large.ToArray<bool>(), Assert.True);
        Assert.Equal([6L, 2L], doubled.ToArray<long>());
    }

    [Fact]
    public void A_network_whose_branch_depends_on_data_runs_too()
    {
        string model = Write("branch", Branches());
        string x = Array("x", Tensor.FromSpan([1, -2], 2)), flag = Array("flag", Tensor.From<bool>([false], default));

        JsonElement report = Json(Succeed("run", model, "--input", $"x={x}", "--input", $"flag={flag}", "--json"));

        Assert.Equal(2, report.GetProperty("outputs")[0].GetProperty("max").GetDouble());
        CnnResult profile = CnnProcess.Run(["run", model, "--input", $"x={x}", "--input", $"flag={flag}", "--profile"]);
        Assert.Equal(2, profile.ExitCode);
        Assert.Contains("those of this one depend on data", profile.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nchw")]
    [InlineData("nhwc")]
    public void A_picture_becomes_the_input_as_the_options_say(string layout)
    {
        bool first = layout == "nchw";
        OnnxBuilder builder = new OnnxBuilder().Output("y").Node("Identity", "x", "y");
        string model = Write("same", first ? builder.Input("x", 1, 3, 2, 2) : builder.Input("x", 1, 2, 2, 3));
        string picture = PathOf("picture.png"), output = PathOf("out");
        Image.FromPixels([0, 51, 102, 255, 51, 102, 0, 51, 102, 255, 51, 102], 2, 2, 3).Save(picture);

        Succeed(
            "run", model, "--image", picture, "--mean", "0.5,0,0", "--std", "2", "--color", "bgr", "--layout", layout, "--out",
            output);

        // Blue, green, red; minus the means of that order; divided by 2.
        using Tensor y = NpyFile.Read(Path.Combine(output, "y.npy"));
        float[] pixel = [(0.4f - 0.5f) / 2, 0.2f / 2, 0f];
        float[] found = [.. Enumerable.Range(0, 3).Select(c => first ? y[0, c, 0, 0] : y[0, 0, 0, c])];
        Assert.All(pixel.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.Equal(first ? (1, 3, 2, 2) : (1, 2, 2, 3), y.Shape);
    }

    [Fact]
    public void Times_of_layers_are_shown_and_written_as_a_trace()
    {
        string model = Write("net", Pictures()), trace = PathOf("trace.json");
        string array = Array("x", Tensor.FromSpan(OnnxBuilder.Values(60, 1), (1, 3, 5, 4)));

        CnnResult table = Succeed("run", model, "--input", array, "--profile", "--trace", trace);
        JsonElement report = Json(Succeed("run", model, "--input", array, "--profile", "--json"));

        Assert.Contains("GFLOP/s", table.Output, StringComparison.Ordinal);
        Assert.Contains("Conv2d", report.GetProperty("layers").ToString(), StringComparison.Ordinal);
        using var events = JsonDocument.Parse(File.ReadAllText(trace));
        Assert.NotEqual(0, events.RootElement.GetProperty("traceEvents").GetArrayLength());
    }

    [Fact]
    public void Every_command_takes_an_onnx_file_where_it_takes_a_cnn_file()
    {
        string onnx = PathOf("digits.onnx"), further = PathOf("further.onnx"), picture = PathOf("digit.png");
        Succeed("convert", trained.Path, onnx);
        CnnNative.Cli.TestPictures.PictureOf(CnnNative.Cli.DigitsAsset.Load().Test, 0).Save(picture);

        JsonElement before = Json(Succeed("eval", trained.Path, "--data", "mnist-10k", "--json"));
        JsonElement after = Json(Succeed("eval", onnx, "--data", "mnist-10k", "--json"));
        string guess = Succeed("predict", trained.Path, picture, "--top", "1").Output;
        Json(Succeed("bench", onnx, "--seconds", "0.05", "--threads", "1,2", "--batch", "3", "--json"));
        string info = Succeed("info", onnx).Output;
        JsonElement training = Json(Succeed(
            "train", "--data", "mnist-10k", "--limit", "500", "--epochs", "1", "--lr", "1e-4", "--model", onnx, "--out", further,
            "--json"));

        Assert.Equal(before.GetProperty("accuracy").GetDouble(), after.GetProperty("accuracy").GetDouble());
        Assert.Equal(guess, Succeed("predict", onnx, picture, "--top", "1").Output);
        Assert.Contains("batch", Succeed("convert", onnx, PathOf("again.cnn")).Output, StringComparison.Ordinal);
        Assert.Contains("classes: 0, 1, 2", info, StringComparison.Ordinal);
        Assert.InRange(
            training.GetProperty("test_accuracy").GetDouble(), before.GetProperty("accuracy").GetDouble() - 0.05, 1);
        using Model exported = Model.Load(further);
        Assert.Equal(10, exported.ClassNames!.Count);
    }

    [Fact]
    public void A_network_for_other_classes_gets_a_new_last_layer_and_pictures_become_what_it_takes()
    {
        string onnx = PathOf("digits.onnx"), output = PathOf("two.onnx"), pictures = PathOf("pictures");
        Succeed("convert", trained.Path, onnx, "--mean", "0.1", "--std", "0.3");
        (IDataset digits, _) = CnnNative.Cli.DigitsAsset.Load();
        foreach (int index in Enumerable.Range(0, 200).Where(index => digits.LabelOf(index) < 2))
        {
            string folder = Path.Combine(pictures, digits.LabelOf(index) == 0 ? "zero" : "one");
            Directory.CreateDirectory(folder);
            CnnNative.Cli.TestPictures.PictureOf(digits, index).Save(Path.Combine(folder, $"{index}.png"));
        }

        string product = Write("product", Product());
        string refused = CnnProcess.Run(["train", "--data", pictures, "--model", product, "--new-head"]).Errors;
        Json(Succeed(
            "train", "--data", pictures, "--model", onnx, "--new-head", "--freeze", "conv1,conv2", "--epochs", "3", "--batch",
            "8",
            "--out", output, "--json"));
        JsonElement report = Json(Succeed("eval", output, "--data", pictures, "--json"));

        Assert.True(report.GetProperty("accuracy").GetDouble() > 0.9, report.ToString());
        using Model model = Model.Load(output);
        Assert.Equal((1, 2), model.OutputShape(1));
        Assert.Equal(["one", "zero"], model.ClassNames);
        Assert.Equal([0.1f], model.Preprocessing!.Mean);
        Assert.Contains("--new-head: ", refused, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_go_between_their_files_and_into_a_network()
    {
        string npz = PathOf("w.npz"), safe = PathOf("w.safetensors"), json = PathOf("net.json"), cnn = PathOf("again.cnn");
        Succeed("convert", trained.Path, npz);
        Succeed("convert", npz, safe);
        Succeed("convert", trained.Path, json);
        Succeed("convert", safe, cnn, "--model", json);

        using Model one = Model.Load(trained.Path), other = Model.Load(cnn);
        Assert.Equal(one.Parameters.Select(p => p.Name), other.Parameters.Select(p => p.Name));
        Assert.All(
            one.Parameters.Zip(other.Parameters),
            pair => Assert.Equal(pair.First.Value.ToArray(), pair.Second.Value.ToArray()));
    }

    [Fact]
    public void Sizes_that_a_file_leaves_open_are_given_by_an_option()
    {
        OnnxBuilder builder = new OnnxBuilder().Input("photo", -1, 3, -1, -1).Output("y").Weights("w", 4, 3, 3, 3)
            .Node("Conv", "photo w", "y");
        string model = Write("open", builder), fixedSize = PathOf("fixed.cnn");

        Succeed("info", model, "--shape", "photo=1x3x16x12");
        Succeed("bench", model, "--shape", "photo=1x3x16x12", "--seconds", "0.01", "--threads", "1");
        Succeed("convert", model, fixedSize, "--shape", "photo=1x3x16x12");

        Assert.Contains("14x10x4", Succeed("info", fixedSize).Output, StringComparison.Ordinal);
        Assert.Contains("--shape NAME=SIZES", CnnProcess.Run(["info", model]).Errors, StringComparison.Ordinal);
        Assert.Contains(
            "cnn convert open.onnx", CnnProcess.Run(["eval", model, "--data", "mnist-10k"]).Errors, StringComparison.Ordinal);
    }

    public static TheoryData<string, string[]> Mistakes => new()
    {
        { "Required argument 'MODEL' missing", ["run"] },
        { "MODEL is 'gone.onnx', which does not exist", ["run", "gone.onnx"] },
        { "needs 'x' (1 x 3 x 5 x 4, float32): give --input x=FILE.npy, or a picture with --image FILE", ["run", "NET"] },
        { "--input is 'x=a.txt', expected NAME=FILE.npy", ["run", "NET", "--input", "x=a.txt"] },
        { "--input is 'gone.npy', which does not exist", ["run", "NET", "--input", "x=gone.npy"] },
        { "has no input 'y'; it has 'x'", ["run", "NET", "--input", "y=ARRAY"] },
        { "given twice for 'x'", ["run", "NET", "--input", "x=ARRAY", "--input", "ARRAY"] },
        { "is 1x3x5, the input 'x'", ["run", "NET", "--input", "x=WRONG"] },
        { "does not start like a .npy file", ["run", "NET", "--input", "x=TEXT"] },
        { "every input has an array already", ["run", "NET", "--input", "ARRAY", "--image", "TEXT"] },
        { "expected JPEG, PNG", ["run", "NET", "--image", "TEXT"] },
        { "--mean has 2 numbers, expected one, or 3", ["run", "NET", "--image", "TEXT", "--mean", "1,2"] },
        { "--std is '0'", ["run", "NET", "--image", "TEXT", "--std", "0"] },
        { "--layout is 'chw'", ["run", "NET", "--image", "TEXT", "--layout", "chw"] },
        { "need a picture: --image FILE", ["run", "NET", "--mean", "1"] },
        { "which do not fit into the input 'rows'", ["run", "INDEX", "--input", "rows=ARRAY1"] },
        { "2 operators are not supported: Frobnicate", ["run", "STRANGE", "--input", "ARRAY"] },
        { "Twist (opset 17)", ["info", "STRANGE"] },
        { "damaged", ["info", "CUT"] },
        { "not an ONNX model", ["run", "STORY", "--input", "ARRAY"] },
        { "--threads is 2000", ["run", "NET", "--input", "ARRAY", "--threads", "2000"] },
        { "IN is 'gone.onnx', which does not exist", ["convert", "gone.onnx", "OUT.cnn"] },
        { "OUT is 'x.pt', expected a name that ends with .cnn or .onnx", ["convert", "NET", "x.pt"] },
        { "IN is", ["convert", "TEXT", "OUT.cnn"] },
        { "names 1 classes, the model tells", ["convert", "NET", "OUT.cnn", "--classes", "TEXT"] },
        { "--shape is 'x=1x0'", ["convert", "NET", "OUT.cnn", "--shape", "x=1x0"] },
        { "no input 'z'", ["convert", "NET", "OUT.cnn", "--shape", "z=1x3x5x4"] },
        { "--new-head was given without a model's file", ["train", "--data", "mnist-10k", "--new-head"] },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_ends_with_one_line_and_status_2_and_writes_nothing(string expected, string[] arguments)
    {
        CnnResult result = CnnProcess.Run([.. arguments.Select(Place)]);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        string line = Assert.Single(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("cnn: ", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.DoesNotContain("(Parameter", line, StringComparison.Ordinal);
        Assert.False(File.Exists(PathOf("OUT.cnn")));
    }

    private string Place(string word)
    {
        int sign = word.IndexOf('=', StringComparison.Ordinal);
        if (sign > 0)
        {
            return word[..(sign + 1)] + Place(word[(sign + 1)..]);
        }

        return word switch
        {
            "NET" => Write("net", Pictures()),
            "INDEX" => Write(
                "index", new OnnxBuilder().Input("rows", ElementType.Int64, 2).Output("y").Node("Add", "rows rows", "y")),
            "STRANGE" => Write("strange", new OnnxBuilder().Input("x", 1, 3, 5, 4).Output("y").Node("Frobnicate", "x", "a")
                .Node("Twist", "a", "y")),
            "ARRAY" => Array("x", Tensor.Zeros((1, 3, 5, 4))),
            "ARRAY1" => Array("one", Tensor.FromSpan([0.5f, 1], 2)),
            "WRONG" => Array("wrong", Tensor.Zeros((1, 3, 5))),
            "TEXT" => Text("text.npy"),
            "STORY" => Text("story.onnx"),
            "CUT" => Cut(),
            "OUT.cnn" => PathOf(word),
            _ => word,
        };
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private string Text(string name)
    {
        File.WriteAllText(PathOf(name), "Once upon a time there was a network.");
        return PathOf(name);
    }

    private string Cut()
    {
        File.WriteAllBytes(PathOf("cut.onnx"), File.ReadAllBytes(Write("whole", Pictures()))[..^60]);
        return PathOf("cut.onnx");
    }

    private string Write(string name, OnnxBuilder builder)
    {
        File.WriteAllBytes(PathOf($"{name}.onnx"), builder.Proto.ToByteArray());
        return PathOf($"{name}.onnx");
    }

    private string Array(string name, Tensor tensor)
    {
        using (tensor)
        {
            NpyFile.Write(PathOf($"{name}.npy"), tensor);
            return PathOf($"{name}.npy");
        }
    }

    /// <summary>A picture to a map and its means.</summary>
    private static OnnxBuilder Pictures(int batch = 1) => new OnnxBuilder().Input("x", batch, 3, 5, 4).Output("a/map")
        .Output("mean")
        .Weights("w", 4, 3, 3, 3).Node("Conv", "x w", "c").Node("Relu", "c", "a/map")
        .Node("GlobalAveragePool", "a/map", "g").Node("Flatten", "g", "mean");

    /// <summary>Its end is no layer with weights.</summary>
    private static OnnxBuilder Product() => new OnnxBuilder().Input("x", 1, 1, 28, 28).Output("y")
        .Node("GlobalAveragePool", "x", "g")
        .Node("Mul", "g g", "m").Node("Flatten", "m", "y");

    private static OnnxBuilder Branches()
    {
        OnnxBuilder left = new OnnxBuilder().Output("a").Node("Identity", "x", "a");
        OnnxBuilder right = new OnnxBuilder().Output("b").Node("Neg", "x", "b");
        return new OnnxBuilder().Input("x", 2).Input("flag", ElementType.Bool).Output("y").Node(
            "If", "flag", "y", ("then_branch", left.Proto.Graph), ("else_branch", right.Proto.Graph));
    }

    private static CnnResult Succeed(params string[] arguments)
    {
        CnnResult result = CnnProcess.Run(arguments);
        Assert.True(result.ExitCode == 0, result.Errors);
        return result;
    }

    private static JsonElement Json(CnnResult result)
    {
        using var document = JsonDocument.Parse(result.Output);
        return document.RootElement.Clone();
    }
}
