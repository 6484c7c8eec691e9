// The page of a report: what was found in a few lines, how to read it, and a table for each family of cases.

using System.Globalization;
using System.Text;

namespace CnnNative.BenchmarkReport;

internal static class MarkdownReport
{
    // A kernel that keeps this share of what two threads gain at all loses nothing to speak of. It is the share that the floor of two
    // threads, 1.9 times one, is of two free cores.
    private const double GoodShare = 0.95;

    /// <summary>The page.</summary>
    /// <param name="cases">One or more cases.</param>
    /// <param name="picture">The picture's address, as seen from the page.</param>
    public static string Write(IReadOnlyList<BenchmarkCase> cases, string picture)
    {
        StringBuilder page = new();
        page.Append("# Kernels against the processor\n\n");
        Summarise(page, cases);
        page.Append(Invariant($"\n![Speed of each case as a share of the peak, with its floor]({picture})\n"));
        Explain(page);
        foreach (IGrouping<(string, string), BenchmarkCase> family in cases.GroupBy(one => (one.One.Family, one.One.Unit)))
            WriteFamily(page, family.Key.Item1, [.. family]);
        return page.ToString();
    }

    private static void Summarise(StringBuilder page, IReadOnlyList<BenchmarkCase> cases)
    {
        page.Append(Invariant($"- Instruction set: {string.Join(", ", cases.Select(one => one.One.Isa).Distinct())}.\n"));
        double[] peaks = [.. cases.Select(one => one.One).Where(one => one.Unit == BenchmarkEntry.Peak && one.PercentOfPeak > 0)
            .Select(one => one.Gflops / one.PercentOfPeak * 100)];
        if (peaks.Length > 0)
            page.Append(Invariant($"- Peak of one core, median: {Median(peaks):0} GFLOP/s.\n"));
        BenchmarkEntry[] two = [.. cases.Select(one => one.Two).OfType<BenchmarkEntry>().Where(row => row.Unit == BenchmarkEntry.Peak)];
        double[] gains = [.. two.Select(row => row.PeakGain)];
        if (gains.Length > 0)
        {
            page.Append(Invariant($"- Two threads of nothing but multiply-adds did {Median(gains):0.00} times the work of one (median; "));
            page.Append(Invariant($"{gains.Min():0.00} to {gains.Max():0.00}); kernels gain more only where two cores have more cache than one.\n"));
        }

        int floors = cases.Count(one => one.One.Floor > 0), below = cases.Count(one => one.One.IsBelow);
        page.Append(Invariant($"- One thread: {below} of {floors} cases with a floor are below it.\n"));
        if (two.Length > 0)
        {
            int held = two.Count(row => row.IsBelow && row.Gain >= GoodShare * row.PeakGain);
            page.Append(Invariant($"- Two threads: {two.Count(row => row.IsBelow)} of {two.Count(row => row.Floor > 0)} cases with a floor "));
            page.Append(Invariant($"are below it; {held} of these gain {GoodShare:0.00} or more of what the machine gave at that time.\n"));
        }
    }

    private static void Explain(StringBuilder page) => page.Append("""

        All percentages are of one core's peak of multiply-adds with this instruction set, or, where a table says so, of one core's
        reading of the same data. Peak and case were measured in turns, in one run. More than 100 % is no mistake where an algorithm
        saves operations, as Winograd's does: the definition's operations are counted. *Two threads* is the speed as a multiple of one
        thread's, *peak gains* what two threads of multiply-adds (or of reading) gained between the rounds of the same case, and *of it*
        the one as a share of the other. Where *peak gains* is far below two on a machine with two cores, other programs had one of them,
        and the other figures of that row deserve as little trust. **below** marks what is below its floor.

        """.ReplaceLineEndings("\n"));

    private static void WriteFamily(StringBuilder page, string family, BenchmarkCase[] cases)
    {
        bool reads = cases[0].One.Unit == BenchmarkEntry.Read, pairs = cases.Any(one => one.Two is not null);
        page.Append(Invariant($"\n## {Escape(family)}\n\n"));
        page.Append(reads ? "| case | microseconds | GB/s | % of a read | floor |" : "| case | microseconds | GFLOP/s | % of peak | floor |");
        page.Append(pairs ? " two threads | peak gains | of it |\n" : "\n");
        page.Append("| --- | ---: | ---: | ---: | ---: |").Append(pairs ? " ---: | ---: | ---: |\n" : "\n");
        foreach (BenchmarkCase one in cases)
        {
            BenchmarkEntry row = one.One;
            // A product with a vector does two operations for each four bytes.
            double speed = reads ? 2 * row.Gflops : row.Gflops;
            page.Append(Invariant($"| {Escape(row.Case)} | {row.Microseconds:0.0} | {speed:0.0} | {row.PercentOfPeak:0.0} | {Floor(row)} |"));
            page.Append(pairs ? Pair(one.Two) : "").Append('\n');
        }
    }

    private static string Floor(BenchmarkEntry row) => row.Floor > 0 ? Invariant($"{row.Floor:0.#}{(row.IsBelow ? " **below**" : "")}") : "";

    private static string Pair(BenchmarkEntry? row)
    {
        if (row is null)
            return " | | |";
        string share = row.PeakGain > 0 ? Invariant($"{row.Gain / row.PeakGain * 100:0} %") : "";
        return Invariant($" {row.Gain:0.00}{(row.IsBelow ? " **below**" : "")} | {row.PeakGain:0.00} | {share} |");
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static string Escape(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
