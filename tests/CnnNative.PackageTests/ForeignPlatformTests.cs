// .NET itself on platforms that this machine is not: a program made of the packages, published with the runtime of the platform and run
// under an emulator, has to print the numbers that it prints here.

using System.Globalization;

namespace CnnNative.PackageTests;

public sealed class ForeignPlatformTests
{
    // Sums have another order with other vectors. The longest one, of a gradient, has 16 x 16 x 16 terms (samples and pixels), so two
    // orders differ by at most 4096 x 2^-24 = 2.4e-4 of the sum of magnitudes, and by the square root of that many roundings, 4e-6, in
    // all likelihood. Normalisation keeps what follows at the size of 1.
    private const double Tolerance = 2.5e-4;

    // Pixels are bytes, and where a rounding of Skia falls on the other side they are one apart; so are the means of neighbours then.
    private const double PictureTolerance = 1.5 / 255;

    private static readonly Lazy<Dictionary<string, string>> _here = new(() =>
    {
        using Consumer consumer = new("here");
        consumer.CopyProgram("Anywhere");
        consumer.Dotnet($"publish -c Release -r {ConsumerTests.Rid} --self-contained false -o out");
        return Parse(consumer.Run("out/Anywhere", ""));
    });

    [Theory]
    [InlineData("linux-arm64", "neon")]
    [InlineData("win-x64", "avx")]
    public void A_program_gives_the_numbers_of_this_platform_on_another(string rid, string instructionSet)
    {
        Emulator emulator = Emulator.For(rid);
        Feed.RequirePlatform(rid);
        Dictionary<string, string> expected = _here.Value;
        using Consumer consumer = new(rid);
        consumer.CopyProgram("Anywhere");
        consumer.PublishSelfContained(rid, "-o out");

        string output = emulator.Run(consumer, "out/Anywhere");

        Dictionary<string, string> found = Parse(output);
        TestContext.Current.TestOutputHelper?.WriteLine(output);
        Assert.Equal(rid, found["rid"]);
        Assert.Equal($"{Feed.Version} {Feed.Version}", found["version"]);
        Assert.StartsWith(instructionSet, found["isa"], StringComparison.Ordinal);
        Assert.Contains("libcnnnative.", found["library"], StringComparison.Ordinal);
        foreach (string name in (string[])["before", "step", "after", "model.cnn", "model.onnx"])
        {
            float[] numbers = Numbers(expected[name]);
            AssertClose(name, numbers, Numbers(found[name]), Tolerance * numbers.Max(Math.Abs));
        }

        AssertClose("picture", Numbers(expected["picture"]), Numbers(found["picture"]), PictureTolerance);
    }

    private static void AssertClose(string name, float[] expected, float[] found, double tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(found[i] - expected[i]) <= tolerance, $"{name}[{i}] is {found[i]} there and {expected[i]} here");
        }
    }

    private static float[] Numbers(string text) =>
        [.. text.Split(' ').Select(number => float.Parse(number, CultureInfo.InvariantCulture))];

    // Lines of a name and what belongs to it; an emulator may say something of its own between them.
    private static Dictionary<string, string> Parse(string output) => output.ReplaceLineEndings("\n").Split('\n')
        .Select(line => line.Split(' ', 2)).Where(parts => parts.Length == 2)
        .GroupBy(parts => parts[0]).ToDictionary(group => group.Key, group => group.First()[1]);
}
