// A row of the comparison, and the file of all rows.

using System.Text.Json;
using System.Text.Json.Serialization;

namespace CnnNative.Benchmarks.Comparing;

/// <summary>One model with one number of threads. Times are medians in milliseconds, memory is in 10^6 bytes.</summary>
/// <param name="Model">The name of the model.</param>
/// <param name="Threads">How many threads each side has.</param>
/// <param name="OursMs">A run here.</param>
/// <param name="PeerMs">A run in ONNX Runtime.</param>
/// <param name="Ratio">Their time as a multiple of ours.</param>
/// <param name="MaxRelativeError">The largest difference of the outputs, as a part of the largest output.</param>
/// <param name="OursFirstResultMs">From a process's start to the first result here.</param>
/// <param name="PeerFirstResultMs">The same in ONNX Runtime.</param>
/// <param name="OursPeakMb">The most memory of that process.</param>
/// <param name="PeerPeakMb">The same in ONNX Runtime.</param>
internal sealed record CompareRow(
    string Model, int Threads, double OursMs, double PeerMs, double Ratio, double MaxRelativeError, double OursFirstResultMs,
    double PeerFirstResultMs, double OursPeakMb, double PeerPeakMb)
{
    /// <summary>Outputs that differ more do not agree; it is the bound of Winograd's algorithm here.</summary>
    private const double Tolerance = 1e-4;

    // ONNX Runtime computes such models in 16 bits, 2^-11 from one rounding to the next, and this library in 32.
    private const double HalfTolerance = 5e-3;

    /// <summary>Of our first result, loading the model.</summary>
    [JsonIgnore]
    public double OursLoadMs { get; init; }

    /// <summary>Of ONNX Runtime's first result, loading the model.</summary>
    [JsonIgnore]
    public double PeerLoadMs { get; init; }

    /// <summary>Whether both sides give the same outputs but for rounding.</summary>
    [JsonIgnore]
    public bool Agrees => MaxRelativeError <= (IsHalfPrecision ? HalfTolerance : Tolerance);

    /// <summary>Whether the peer's outputs have 16 bits.</summary>
    [JsonIgnore]
    public bool IsHalfPrecision { get; init; }
}

internal static class CompareFile
{
    private static readonly JsonSerializerOptions _options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    /// <summary>Writes the rows as a JSON array.</summary>
    public static void Write(string path, IReadOnlyList<CompareRow> rows) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, rows, _options));
}
