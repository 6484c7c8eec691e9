// The benchmark's report from outside: what its page says about recorded measurements, what its picture shows, how it refuses.

using System.Globalization;
using CnnNative.Imaging;
using CnnNative.Tests.Cli;
using CnnNative.Tests.Imaging;

namespace CnnNative.Tests.Reports;

public sealed class BenchmarkReportTests : IDisposable
{
    private static readonly string Recorded = Path.Combine(AppContext.BaseDirectory, "Golden", "benchmark.json");

    // The colours of bars at or above their floor, below it, and without one.
    private static readonly Color _good = new(0x3B, 0x75, 0xAF), _below = new(0xD1, 0x60, 0x3D), _free = new(0xA9, 0xBC, 0xCF);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_page_has_a_row_for_each_case_under_its_family()
    {
        (string page, _) = Report(Recorded);

        string[] tables = [.. page.Split('\n').Where(line => line.StartsWith("##", StringComparison.Ordinal) || line.StartsWith('|'))
            .Where(line => !line.StartsWith("| ---", StringComparison.Ordinal))];
        string[] expected =
        [
            "## matrix products",
            "| case | microseconds | GFLOP/s | % of peak | floor | two threads | peak gains | of it |",
            "| gemm 1024x1024x1024 | 19086.8 | 112.5 | 95.3 | 93 | 1.97 | 1.99 | 99 % |",
            "| gemm 32x32x32 not packed | 1.0 | 65.8 | 55.7 |  | 0.99 | 1.95 | 51 % |",
            "## products with a vector",
            "| case | microseconds | GB/s | % of a read | floor | two threads | peak gains | of it |",
            "| gemv 1x4096x4096 | 2648.7 | 25.3 | 80.0 | 80 **below** | 1.37 | 1.50 | 92 % |",
            "## 1x1 convolutions",
            "| case | microseconds | GFLOP/s | % of peak | floor | two threads | peak gains | of it |",
            "| resnet50 1x1 56x56 64-256 | 1020.3 | 100.7 | 85.3 | 93 **below** | 1.91 | 1.98 | 96 % |",
            "## 3x3 convolutions by Winograd",
            "| case | microseconds | GFLOP/s | % of peak | floor | two threads | peak gains | of it |",
            "| winograd 3x3 14x14 256 | 970.5 | 238.2 | 201.7 | 140 | 1.96 | 1.98 | 99 % |",
            "## gradients by weights",
            "| case | microseconds | GFLOP/s | % of peak | floor | two threads | peak gains | of it |",
            "| by weights 3x3 28x28 128, batch 32 | 70239.6 | 105.3 | 89.2 | 90 **below** | 1.86 **below** | 1.98 | 94 % |",
            "## a small network",
            "| case | microseconds | GFLOP/s | % of peak | floor |",
            "| lenet-5, ten operators, batch 1 | 15.4 | 54.2 | 45.9 | 50.4 **below** |",
        ];
        Assert.Equal(expected, tables);
    }

    [Fact]
    public void The_page_begins_with_what_was_found()
    {
        (string page, _) = Report(Recorded);

        Assert.Contains("Instruction set: avx512.", page, StringComparison.Ordinal);
        Assert.Contains("Peak of one core, median: 118 GFLOP/s.", page, StringComparison.Ordinal);
        Assert.Contains("did 1.98 times the work of one (median; 1.95 to 1.99)", page, StringComparison.Ordinal);
        Assert.Contains("One thread: 4 of 6 cases with a floor are below it.", page, StringComparison.Ordinal);
        Assert.Contains("Two threads: 1 of 4 cases with a floor are below it; 0 of these", page, StringComparison.Ordinal);
        Assert.Contains("(report.png)", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gain_that_is_all_the_machine_gave_is_told_apart()
    {
        // Below 1.9 times one thread, on a machine that gave 1.35: 1.30 is 96 % of that, 1.20 is 89 %.
        string json = Json(Entry("a", 90), Entry("a", 117, 2, 171, 1.30, 1.35), Entry("b", 90), Entry("b", 108, 2, 171, 1.20, 1.35));

        (string page, _) = Report(_folder.Write("shared.json", System.Text.Encoding.UTF8.GetBytes(json)));

        Assert.Contains("Two threads: 2 of 2 cases with a floor are below it; 1 of these", page, StringComparison.Ordinal);
        Assert.Contains("| 1.30 **below** | 1.35 | 96 % |", page, StringComparison.Ordinal);
        Assert.Contains("| 1.20 **below** | 1.35 | 89 % |", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_picture_has_the_size_that_its_bars_need()
    {
        (_, Image picture) = Report(Recorded);

        // 22 pixels for each of seven cases and six families, and 120 for what is around them.
        Assert.Equal((1100, 120 + 22 * (7 + 6)), (picture.Width, picture.Height));
        Assert.All((Color[])[_good, _below, _free], color => Assert.True(LongestRun(picture, color) > 50, $"There is no bar in {color}."));
    }

    [Fact]
    public void Bars_are_as_long_as_their_cases_are_fast()
    {
        (_, Image picture) = Report(Write(Json(Entry("fast", 96, floor: 90), Entry("slow", 48, floor: 60), Entry("free", 24))));

        int good = LongestRun(picture, _good, besidesMark: true), below = LongestRun(picture, _below), free = LongestRun(picture, _free);
        // Each end of a bar is off by a pixel at most, so the shorter ones times two and four by two pixels times that.
        Assert.InRange(good, 4 * free - 10, 4 * free + 10);
        Assert.InRange(below, 2 * free - 6, 2 * free + 6);
    }

    [Fact]
    public void Names_of_any_length_and_with_any_letters_stay_in_their_row()
    {
        (string page, Image picture) = Report(Write(Json(Entry(new string('w', 250), 50), Entry("a|b\\nc", 60))));

        Assert.Contains("| a\\|b c | ", page, StringComparison.Ordinal);
        Assert.Equal((1100, 120 + 22 * 3), (picture.Width, picture.Height));
        // The bars keep most of the picture although a name is long.
        Assert.True(LongestRun(picture, _free) > 200, "The names left no room for bars.");
    }

    [Fact]
    public void A_picture_of_very_many_cases_ends_somewhere()
    {
        (string page, Image picture) = Report(Write(Json([.. Enumerable.Range(0, 2000).Select(i => Entry($"case {i}", i % 100))])));

        Assert.Contains("| case 1999 | ", page, StringComparison.Ordinal);
        Assert.Equal(120 + 22 * 301, picture.Height);
    }

    public static TheoryData<string, string> BrokenFiles => new()
    {
        { "has no entry", "[]" },
        { "has no entry", "null" },
        { "has no entry", "[null]" },
        { "has no entry", Json(Entry("two only", 150, 2)) },
        { "is not what checkcnn --bench --json writes", "" },
        { "is not what checkcnn --bench --json writes", "[" },
        { "is not what checkcnn --bench --json writes", "{}" },
        { "is not what checkcnn --bench --json writes", "[{\"case\": \"a\"}]" },
        { "is not what checkcnn --bench --json writes", Json(Entry("a", 50)).Replace("\"peak\"", "null", StringComparison.Ordinal) },
        { "is not what checkcnn --bench --json writes", Json(Entry("a", 50)).Replace("50", "NaN", StringComparison.Ordinal) },
        { "'a' has the number -5", Json(Entry("a", -5)) },
        { "'a' has the number 1E+300", Json(Entry("a", 1e300)) },
    };

    [Theory]
    [MemberData(nameof(BrokenFiles))]
    public void A_broken_file_ends_with_one_line_and_status_2(string expected, string json) =>
        AssertRefused(expected, Write(json), "--out", _folder.PathOf("out"));

    [Theory]
    [InlineData("does not exist", "nowhere.json")]
    [InlineData("does not exist", "FOLDER")]
    [InlineData("Usage")]
    [InlineData("Usage", "--help")]
    [InlineData("Usage", "RECORDED", "--bogus", "x")]
    [InlineData("Usage", "RECORDED", "--out")]
    [InlineData("cannot be written", "RECORDED", "--out", "RECORDED")]
    public void A_mistake_ends_with_one_line_and_status_2(string expected, params string[] arguments) =>
        AssertRefused(expected, [.. arguments.Select(word => word switch
        {
            "RECORDED" => Recorded,
            "FOLDER" => _folder.FullName,
            _ => word,
        })]);

    private void AssertRefused(string expected, params string[] arguments)
    {
        CnnResult result = CnnProcess.RunProgram("CnnNative.BenchmarkReport.dll", arguments);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Single(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.PathOf("out")), "a folder was made although nothing was written");
    }

    /// <summary>Runs the program and reads what it wrote.</summary>
    private (string Page, Image Picture) Report(string measurements)
    {
        string output = _folder.PathOf("out");
        CnnResult result = CnnProcess.RunProgram("CnnNative.BenchmarkReport.dll", [measurements, "--out", output]);
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.Equal(["report.md", "report.png"], Directory.GetFiles(output).Select(Path.GetFileName).Order());
        return (File.ReadAllText(Path.Combine(output, "report.md")), Image.Load(Path.Combine(output, "report.png")));
    }

    private string Write(string json) => _folder.Write("measured.json", System.Text.Encoding.UTF8.GetBytes(json));

    private static string Json(params string[] entries) => $"[{string.Join(",\n", entries)}]";

    private static string Entry(string name, double percent, int threads = 1, double floor = 0, double gain = 0, double peakGain = 0) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"family": "family", "case": "{{name}}", "isa": "avx2", "threads": {{threads}}, "microseconds": 7.5, "gflops": 100.0,
             "unit": "peak", "percent_of_peak": {{percent}}, "floor": {{floor}}, "gain": {{gain}}, "peak_gain": {{peakGain}}}
            """);

    /// <summary>The longest run of a colour in any row of the picture, in pixels; with the mark of the floor counted where it stands
    /// on the bar.</summary>
    private static int LongestRun(Image picture, Color color, bool besidesMark = false)
    {
        int longest = 0;
        for (int y = 0; y < picture.Height; y++)
        {
            int[] columns = [.. Enumerable.Range(0, picture.Width).Where(x => Pictures.At(picture, x, y) == color)];
            if (besidesMark && columns.Length > 0)
                longest = Math.Max(longest, columns[^1] - columns[0] + 1);
            for (int i = 0, start = 0; i < columns.Length; i++)
            {
                start = i > 0 && columns[i] != columns[i - 1] + 1 ? i : start;
                longest = Math.Max(longest, i - start + 1);
            }
        }

        return longest;
    }
}
