// The JSON file of `checkcnn --bench`: one entry for each case and number of threads. Whatever is wrong with it is said in one line.

using System.Text.Json;
using System.Text.Json.Serialization;

namespace CnnNative.BenchmarkReport;

/// <summary>An entry of the file. Floors and gains are 0 where there is none.</summary>
/// <param name="Family">What is read together, such as matrix products.</param>
/// <param name="Case">The name of the case.</param>
/// <param name="Isa">The instruction set.</param>
/// <param name="Threads">How many threads.</param>
/// <param name="Microseconds">Median time.</param>
/// <param name="Gflops">Operations in a nanosecond, as the definition counts them.</param>
/// <param name="Unit">What the percentages are of: <see cref="Peak"/> or <see cref="Read"/>.</param>
/// <param name="PercentOfPeak">Speed in per cent of that, for one core.</param>
/// <param name="Floor">What it is to be at least.</param>
/// <param name="Gain">Speed, as a multiple of that of one thread.</param>
/// <param name="PeakGain">What all threads do without any kernel, as a multiple of what one does.</param>
internal sealed record BenchmarkEntry(
    string Family, string Case, string Isa, int Threads, double Microseconds, double Gflops, string Unit, double PercentOfPeak,
    double Floor, double Gain, double PeakGain)
{
    /// <summary>The multiply-adds of one core.</summary>
    public const string Peak = "peak";

    /// <summary>One core's reading of the data once.</summary>
    public const string Read = "read";

    /// <summary>Whether there is a floor and the speed is below.</summary>
    [JsonIgnore]
    public bool IsBelow => Floor > 0 && PercentOfPeak < Floor;
}

/// <summary>A case with its entry for one thread, and the one for two, if there is one.</summary>
internal sealed record BenchmarkCase(BenchmarkEntry One, BenchmarkEntry? Two);

internal static class BenchmarkFile
{
    // Nothing real is near it, and numbers beyond would only make a picture impossible.
    private const double Largest = 1e9;

    private static readonly JsonSerializerOptions _options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>The cases of a file, in its order.</summary>
    /// <exception cref="ReportException">The file is not there, is not such a file, or has no case.</exception>
    public static IReadOnlyList<BenchmarkCase> Read(string path)
    {
        BenchmarkEntry[] entries = Parse(path);
        foreach (BenchmarkEntry entry in entries)
            Check(path, entry);
        BenchmarkCase[] cases =
        [
            .. entries.GroupBy(entry => (entry.Family, entry.Case, entry.Isa)).Where(group => group.Any(entry => entry.Threads == 1))
                .Select(group => new BenchmarkCase(
                    group.First(entry => entry.Threads == 1), group.FirstOrDefault(entry => entry.Threads == 2))),
        ];
        return cases.Length > 0 ? cases : throw new ReportException($"'{path}' has no entry for one thread.");
    }

    private static BenchmarkEntry[] Parse(string path)
    {
        if (!File.Exists(path))
            throw new ReportException($"'{path}' does not exist or is no file.");
        try
        {
            using FileStream file = File.OpenRead(path);
            BenchmarkEntry?[] entries = JsonSerializer.Deserialize<BenchmarkEntry?[]>(file, _options) ?? [];
            return [.. entries.OfType<BenchmarkEntry>()];
        }
        catch (JsonException error)
        {
            throw new ReportException($"'{path}' is not what checkcnn --bench --json writes: {error.Message}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ReportException($"'{path}' cannot be read: {error.Message}", error);
        }
    }

    private static void Check(string path, BenchmarkEntry entry)
    {
        double[] numbers = [entry.Microseconds, entry.Gflops, entry.PercentOfPeak, entry.Floor, entry.Gain, entry.PeakGain];
        foreach (double number in numbers)
        {
            if (!(number is >= 0 and <= Largest))
                throw new ReportException($"'{path}': the case '{entry.Case}' has the number {number}, expected 0 to {Largest}.");
        }
    }
}
