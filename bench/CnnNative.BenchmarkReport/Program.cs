// Makes a report of what `checkcnn --bench --json` measured: a page of tables, and a picture of the shares of the peak. Ends with 0,
// or with 2 and one line on stderr.

using System.Text;

namespace CnnNative.BenchmarkReport;

internal static class Program
{
    private const string Usage = "Usage: CnnNative.BenchmarkReport FILE.json [--out DIR]";

    private static int Main(string[] arguments)
    {
        try
        {
            (string measurements, string folder) = Parse(arguments);
            Run(measurements, folder);
            return 0;
        }
        catch (ReportException error)
        {
            Console.Error.WriteLine($"report: {error.Message.ReplaceLineEndings(" ")}");
            return 2;
        }
    }

    private static (string Measurements, string Folder) Parse(string[] arguments) => arguments switch
    {
        [string file] when !file.StartsWith('-') => (file, "."),
        [string file, "--out", string folder] when !file.StartsWith('-') && folder.Length > 0 => (file, folder),
        _ => throw new ReportException($"expected a file and perhaps --out. {Usage}"),
    };

    private static void Run(string measurements, string folder)
    {
        IReadOnlyList<BenchmarkCase> cases = BenchmarkFile.Read(measurements);
        string page = Path.Combine(folder, "report.md"), picture = Path.Combine(folder, "report.png");
        string text = MarkdownReport.Write(cases, Path.GetFileName(picture));
        byte[] png = BarChart.Draw(cases);
        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.Write(picture, stream => stream.Write(png));
            AtomicFile.Write(page, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ReportException($"The report cannot be written to '{folder}': {error.Message}", error);
        }

        Console.WriteLine($"{page} and {picture}: {cases.Count} cases");
    }
}
