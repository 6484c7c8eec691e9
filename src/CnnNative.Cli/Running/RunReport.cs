// What came of a run: outputs in figures, and where they were written.

using System.Globalization;
using System.Text.Json;

namespace CnnNative.Cli;

/// <summary>An output in figures; of numbers that are finite.</summary>
internal sealed record OutputReport(
    string Name, string Type, int[] Shape, double? Min, double? Max, double? Mean, int NotFinite, string? File)
{
    public static OutputReport Of(string name, Tensor tensor, string? file)
    {
        double[] all = Operators.TypedDispatch.ToDoubles(tensor), values = [.. all.Where(double.IsFinite)];
        bool any = values.Length > 0;
        return new OutputReport(
            name, tensor.ElementType.ToString().ToLowerInvariant(), tensor.Shape.ToArray(), any ? values.Min() : null,
            any ? values.Max() : null, any ? values.Average() : null, all.Length - values.Length, file);
    }
}

/// <summary>The report of <c>cnn run --json</c>.</summary>
internal sealed record RunReport(
    string Model, string Backend, string Isa, int Threads, double LoadMs, double RunMs, IReadOnlyList<OutputReport> Outputs,
    IReadOnlyList<LayerTime>? Layers)
{
    public string ToJson() => JsonSerializer.Serialize(this, CliJson.Default.RunReport);

    public void Print(SessionProfile? profile)
    {
        int name = Math.Max(6, Outputs.Max(output => output.Name.Length));
        int shape = Math.Max(5, Outputs.Max(output => Sizes(output).Length));
        Console.WriteLine(
            $"{"output".PadRight(name)}  {"type",-7}  {"shape".PadRight(shape)}  {"min",12}  {"max",12}  {"mean",12}");
        foreach (OutputReport output in Outputs)
        {
            string strange = output.NotFinite > 0 ? $"  {output.NotFinite} not finite" : "";
            Console.WriteLine(
                $"{output.Name.PadRight(name)}  {output.Type,-7}  {Sizes(output).PadRight(shape)}  {Number(output.Min),12}  " +
                $"{Number(output.Max),12}  {Number(output.Mean),12}{strange}");
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"loaded in {LoadMs:0.0} ms, ran in {RunMs:0.00} ms, {Isa}, {Threads} {(Threads == 1 ? "thread" : "threads")}"));
        foreach (string file in Outputs.Select(output => output.File).OfType<string>())
        {
            Console.WriteLine($"wrote {file}");
        }

        if (profile is not null)
        {
            Console.WriteLine();
            Console.Write(profile.ToTable());
        }
    }

    private static string Sizes(OutputReport output) => output.Shape.Length == 0 ? "scalar" : string.Join('x', output.Shape);

    private static string Number(double? value) => value?.ToString("G7", CultureInfo.InvariantCulture) ?? "-";
}
