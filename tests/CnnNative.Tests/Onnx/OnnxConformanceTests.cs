// ONNX's own tests for backends, with the tolerance of its runner, and networks that other programs recorded answers of.

namespace CnnNative.Tests.Onnx;

public sealed class OnnxConformanceTests
{
    private const string Root = "CNN_ONNX_TESTS", Zoo = "CNN_ONNX_ZOO";

    /// <summary>Pictures in formats that are not decoded, and the gradient operator, which never left its preview.</summary>
    private static readonly string[] NotSupported =
        ["the format JPEG 2000", "the format TIFF", "the format PNM", "ai.onnx.preview.training.Gradient"];

    [Theory]
    [InlineData("node")]
    [InlineData("simple")]
    [InlineData("pytorch-operator")]
    [InlineData("pytorch-converted")]
    [InlineData("light")]
    public void Every_test_of_ONNX_passes_or_is_known_not_to_be_supported(string folder)
    {
        string root = Environment.GetEnvironmentVariable(Root) is { Length: > 0 } given
            ? Path.Combine(given, folder)
            : SharedData.Folder("onnx-node-tests", folder);
        Assert.SkipUnless(Directory.Exists(root), $"There are no tests in {root}.");
        ConformanceSuite suite = new(ComputeContext.Default.Kernels);

        List<ConformanceResult> results = [.. ConformanceSuite.Find(root).Select(suite.Run)];

        Assert.NotEmpty(results);
        List<ConformanceResult> missed = results.FindAll(result => result.Outcome != ConformanceOutcome.Passed
            && !(result.Outcome == ConformanceOutcome.Unsupported &&
                NotSupported.Any(kind => result.Message.Contains(kind, StringComparison.Ordinal))));
        Assert.True(missed.Count == 0, ConformanceSuite.Report(missed));
    }

    [Fact]
    public void The_managed_kernels_pass_as_well()
    {
        using ComputeContext managed = new(Backend.Managed);
        ConformanceSuite suite = new(managed.Kernels);

        List<ConformanceResult> results = [
            .. ConformanceSuite.Find(SharedData.Folder("onnx-node-tests", "pytorch-operator")).Select(suite.Run)];

        Assert.True(results.TrueForAll(result => result.Outcome == ConformanceOutcome.Passed), ConformanceSuite.Report(results));
    }

    [Fact]
    public void Networks_from_five_exporters_give_their_recorded_answers()
    {
        // Sums of a few thousand products in another order differ by a few units of rounding of the largest, 6e-8 each.
        ConformanceSuite suite = new(ComputeContext.Default.Kernels, ofLargest: 1e-5);

        List<ConformanceResult> results = [.. ConformanceSuite.Find(SharedData.Folder("onnx-models")).Select(suite.Run)];

        Assert.Equal(7, results.Count);
        Assert.True(results.TrueForAll(result => result.Outcome == ConformanceOutcome.Passed), ConformanceSuite.Report(results));
    }

    [Fact]
    public void Networks_of_torchvision_give_the_answers_of_PyTorch()
    {
        string? folder = Environment.GetEnvironmentVariable(Zoo);
        Assert.SkipUnless(Directory.Exists(folder), $"Set {Zoo} to a folder that make_models.py of the shared tools has filled.");
        ConformanceSuite suite = new(ComputeContext.Default.Kernels, ofLargest: 1e-4);

        List<ConformanceResult> results = [.. ConformanceSuite.Find(folder!).Select(suite.Run)];

        Assert.True(results.TrueForAll(result => result.Outcome == ConformanceOutcome.Passed), ConformanceSuite.Report(results));
    }
}
