// Models in files: everything comes back, and a file that is damaged anywhere is refused before anything of it is used.

using CnnNative.Files;

namespace CnnNative.Tests.Models;

public sealed class ModelFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cnn-models-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_model_comes_back_whole()
    {
        string path = PathOf("digits.cnn");
        using Model model = Network();
        model.ClassNames = ["zero", "one \"quoted\"", "zwölf"];
        model.Preprocessing = Preprocessing.ImageNet with { Color = ColorOrder.Bgr, Size = (8, 9) };
        model.Freeze("conv1");
        model.Graph.Parameter("bn1.mean").Value.Fill(0.25f);
        model.Save(path);

        using Model loaded = Model.Load(path);
        using Tensor input = CnnNative.Tests.Graphs.SampleGraphs.Random((3, 8, 8, 3), seed: 1);
        using Tensor expected = model.Predict(input), output = loaded.Predict(input);

        Assert.Equal(expected.ToArray(), output.ToArray());
        Assert.Equal(GraphJson.Write(model.Graph), GraphJson.Write(loaded.Graph));
        Assert.Equal(model.ClassNames, loaded.ClassNames);
        Assert.Equal(
            model.Preprocessing with { Mean = [], Deviation = [] }, loaded.Preprocessing! with { Mean = [], Deviation = [] });
        Assert.Equal(model.Preprocessing.Mean, loaded.Preprocessing!.Mean);
        Assert.Equal(model.Preprocessing.Deviation, loaded.Preprocessing!.Deviation);
        Assert.False(loaded.Graph.Parameter("conv1.weight").Trainable);
    }

    [Fact]
    public void Constants_of_any_type_come_back()
    {
        string path = PathOf("constants.cnn");
        using Model model = GraphJsonTests.TypedConstants();
        model.Save(path);
        using Model loaded = Model.Load(path);
        using Tensor input = Tensor.Zeros((2, 5));
        using TensorCollection outputs = loaded.Predict([input]);

        Assert.Equal([long.MinValue, 5L], outputs["sizes"].ToArray<long>());
        Assert.Equal([true, false, true], outputs["flags"].ToArray<bool>());
        Assert.Equal([1f], outputs["one"].ToArray());
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_found()
    {
        string path = PathOf("digits.cnn");
        using (Model model = Network())
        {
            model.Save(path);
        }

        byte[] whole = File.ReadAllBytes(path);

        // Every byte of the header's start and end, and a few hundred places between and behind.
        for (int position = 0; position < whole.Length; position += position < 80 ? 1 : 37)
        {
            byte[] damaged = [.. whole];
            damaged[position] ^= (byte)(1 << (position % 8));
            File.WriteAllBytes(path, damaged);
            CnnFormatException error = Assert.Throws<CnnFormatException>(() => Model.Load(path).Dispose());
            Assert.StartsWith(path, error.Message);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(200)]
    [InlineData(-1)]
    [InlineData(-1000)]
    public void A_file_that_is_cut_off_is_refused(int length)
    {
        string path = PathOf("digits.cnn");
        using (Model model = Network())
        {
            model.Save(path);
        }

        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..(length < 0 ? whole.Length + length : length)]);

        Assert.StartsWith(path, Assert.Throws<CnnFormatException>(() => Model.Load(path).Dispose()).Message);
    }

    [Fact]
    public void A_file_of_a_newer_version_says_so()
    {
        string path = PathOf("digits.cnn");
        TensorContainer.Write(path, "cnn-model", 2, "{}", new Dictionary<string, Tensor>());

        Assert.Contains("newer version", Assert.Throws<CnnFormatException>(() => Model.Load(path).Dispose()).Message, default);
    }

    [Fact]
    public void Tensors_that_do_not_belong_to_the_graph_are_named()
    {
        string path = PathOf("digits.cnn");
        using Model model = Network();
        model.Save(path);
        string content;
        Dictionary<string, Tensor> tensors = model.Parameters.ToDictionary(p => p.Name, p => p.Value);
        using (var container = TensorContainer.Read(path, "cnn-model", 1))
        {
            content = container.Content;
        }

        using Tensor other = Tensor.Zeros(3);
        Expect("there are tensors that no parameter is called as: other.", new(tensors) { ["other"] = other });
        Expect("parameters[1] 'conv1.bias': its elements are 3, expected 4.", new(tensors) { ["conv1.bias"] = other });
        tensors.Remove("fc1.weight");
        Expect("'fc1.weight': its elements are not in the file.", tensors);

        void Expect(string message, Dictionary<string, Tensor> changed)
        {
            TensorContainer.Write(path, "cnn-model", 1, content, changed);
            Assert.Contains(message, Assert.Throws<CnnFormatException>(() => Model.Load(path).Dispose()).Message, default);
        }
    }

    [Fact]
    public void A_description_is_the_model_without_its_weights()
    {
        string path = PathOf("digits.json");
        using Model model = Network();
        model.ClassNames = ["a", "b"];
        model.SaveDescription(path);

        using Model same = Model.LoadDescription(path, seed: 4), other = Model.LoadDescription(path, seed: 5);

        Assert.Equal(model.ClassNames, same.ClassNames);
        Assert.Equal(GraphJson.Write(model.Graph), GraphJson.Write(same.Graph));
        float[] weights = model.Graph.Parameter("conv1.weight").Value.ToArray();
        Assert.Equal(weights, same.Graph.Parameter("conv1.weight").Value.ToArray());
        Assert.NotEqual(weights, other.Graph.Parameter("conv1.weight").Value.ToArray());
    }

    [Fact]
    public void The_description_of_the_guide_is_a_model()
    {
        string guide = File.ReadAllText(Path.Combine(Repository.Root, "src", "CnnNative", "Models", "README.md"));
        string description = guide.Split("```json")[1].Split("```")[0];
        File.WriteAllText(PathOf("guide.json"), description);
        using Model model = Model.LoadDescription(PathOf("guide.json"));

        Assert.Equal(["cat", "dog"], model.ClassNames);
        Assert.Equal((5, 2), model.OutputShape(5));
        Assert.Equal(12 * 27 + 12 + 2 * 3072 + 2, model.ParameterCount);
    }

    [Fact]
    public void A_description_with_a_mistake_is_refused_with_its_file()
    {
        string path = PathOf("digits.json");
        File.WriteAllText(path, """{"class_names": [1], "graph": {}}""");

        Assert.Equal(
            $"{path}: model: 'class_names' has 1, expected texts.",
            Assert.Throws<InvalidDataException>(() => Model.LoadDescription(path).Dispose()).Message);
    }

    [Theory]
    [InlineData("weights.safetensors")]
    [InlineData("weights.npz")]
    public void Weights_go_to_another_model_of_the_same_shape(string file)
    {
        using Model from = Network(), to = Network(seed: 77);
        from.Graph.Parameter("bn1.variance").Value.Fill(3f);
        using Tensor input = Tensor.Full((1, 8, 8, 3), 0.5f);
        to.Predict(input).Dispose();
        from.SaveWeights(PathOf(file));

        Assert.Equal(from.Parameters.Select(parameter => parameter.Name), to.LoadWeights(PathOf(file)));

        using Tensor expected = from.Predict(input), output = to.Predict(input);
        Assert.Equal(expected.ToArray(), output.ToArray());
    }

    [Fact]
    public void Weights_of_a_model_file_go_to_a_model_with_another_head()
    {
        using Model from = Network(), to = Network(seed: 77, classes: 7);
        string path = PathOf("pretrained.cnn");
        from.Save(path);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => to.LoadWeights(path, strict: false));
        Assert.Equal(
            $"{path}: the weights do not fit the model: of another shape (2): fc1.weight is 5x64, expected 7x64, fc1.bias is " +
            "5, expected 7.",
            error.Message);
    }

    [Fact]
    public void Weights_that_do_not_fit_are_all_listed_and_change_nothing()
    {
        using Model model = Network();
        float[] before = model.Graph.Parameter("conv1.weight").Value.ToArray();
        string path = PathOf("weights.safetensors");
        using Tensor ones = Tensor.Full((4, 3, 3, 3), 1f);
        Dictionary<string, Tensor> weights = new() { ["conv1.weight"] = ones, ["conv9.weight"] = ones, ["fc1.bias"] = ones };
        SafeTensorsFile.Write(path, weights);

        string message = Assert.Throws<InvalidDataException>(() => model.LoadWeights(path)).Message;

        Assert.Equal(
            $"{path}: the weights do not fit the model: missing (6): conv1.bias, bn1.mean, bn1.variance, bn1.gamma, bn1.beta, " +
            "fc1.weight; not of the model (1): conv9.weight; of another shape (1): fc1.bias is 4x3x3x3, expected 5.",
            message);
        Assert.Equal(before, model.Graph.Parameter("conv1.weight").Value.ToArray());
    }

    [Fact]
    public void Some_weights_can_be_taken_alone()
    {
        using Model model = Network();
        string path = PathOf("weights.safetensors");
        using Tensor ones = Tensor.Full((4, 3, 3, 3), 1f);
        SafeTensorsFile.Write(path, new Dictionary<string, Tensor> { ["conv1.weight"] = ones, ["other"] = ones });

        Assert.Equal(["conv1.weight"], model.LoadWeights(path, strict: false));
        Assert.All(model.Graph.Parameter("conv1.weight").Value.ToArray(), value => Assert.Equal(1f, value));
    }

    [Theory]
    [InlineData("weights.pth")]
    [InlineData("weights")]
    public void An_ending_that_says_nothing_is_refused(string file)
    {
        using Model model = Network();

        ArgumentException save = Assert.Throws<ArgumentException>(() => model.SaveWeights(PathOf(file)));
        ArgumentException load = Assert.Throws<ArgumentException>(() => model.LoadWeights(PathOf(file)));

        Assert.Contains("expected .safetensors", save.Message, default);
        Assert.Contains("expected .safetensors", load.Message, default);
    }

    private static Model Network(ulong seed = 4, int classes = 5) => new Sequential((8, 8, 3))
    {
        new Conv2d(4, 3, Padding.Same), new BatchNorm(), new Relu(), new MaxPool2d(2), new Flatten(), new Linear(classes),
    }.Build(seed);

    private string PathOf(string file) => Path.Combine(_folder, file);
}
