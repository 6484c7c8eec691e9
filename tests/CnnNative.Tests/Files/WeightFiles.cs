// What the tests of weight files share: tensors that tell which element they show, and Python as a second reader.

using System.Diagnostics;

namespace CnnNative.Tests.Files;

internal static class WeightFiles
{
    private const string Python = "/usr/bin/python3";

    /// <summary>A tensor of 0, 1, 2 and so on, and <paramref name="start"/> more.</summary>
    public static Tensor Counting(Shape shape, float start = 0) =>
        Tensor.FromSpan([.. Enumerable.Range(0, (int)shape.ElementCount).Select(i => start + i)], shape);

    /// <summary>Tensors of all ranks, with values of all kinds, and names that need care.</summary>
    public static TensorCollection Varied() => new()
    {
        { "conv1.weight", Counting((4, 3, 3, 2), -7.25f) },
        { "bias", Counting(5) },
        { "six", Counting(new Shape(1, 2, 1, 3, 1, 2)) },
        { "a/b \"c\" \\ ü 𝑥\n", Tensor.FromSpan([float.NaN, float.NegativeInfinity, -0f, float.Epsilon, 1e38f, 1.1f], (2, 3)) },
    };

    public static void AreSame(TensorCollection expected, TensorCollection actual)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        foreach ((string name, Tensor tensor) in expected)
        {
            Assert.Equal(tensor.Shape, actual[name].Shape);
            Assert.Equal(Bits(tensor), Bits(actual[name]));
        }
    }

    private static IEnumerable<uint> Bits(Tensor tensor) => tensor.ToArray().Select(BitConverter.SingleToUInt32Bits);

    /// <summary>What a Python program with NumPy writes; skips the test where there is none.</summary>
    public static string RunPython(string program, params ReadOnlySpan<string> arguments)
    {
        Assert.SkipUnless(!OperatingSystem.IsWindows() && File.Exists(Python), $"There is no {Python} to read the file with.");
        ProcessStartInfo start = new(Python) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(program);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.SkipWhen(
            process.ExitCode != 0 && errors.Result.Contains("No module named 'numpy'", StringComparison.Ordinal),
            $"{Python} has no NumPy to read the file with.");
        Assert.True(process.ExitCode == 0, errors.Result);
        return output.ReplaceLineEndings("\n");
    }
}
