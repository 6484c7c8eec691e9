// What `cnn filter` prints: a table for people, or one JSON object for programs.

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace CnnNative.Cli;

/// <summary>One step as it is reported; times are medians.</summary>
internal sealed record StepReport(string Name, int[] Shape, float Min, float Max, float Mean, double Microseconds);

/// <summary>A whole run as it is reported.</summary>
internal sealed record FilterReport(string Backend, string Isa, IReadOnlyList<StepReport> Steps, IReadOnlyList<string> Files)
{
    public static FilterReport Create(ComputeContext context, IEnumerable<FilterStep> steps, IReadOnlyList<string> files) => new(
        BackendOption.WordOf(context.Backend),
        context.InstructionSetName,
        [.. steps.Select(Summarize)],
        files);

    public void PrintJson() => Console.WriteLine(JsonSerializer.Serialize(this, ReportJson.Default.FilterReport));

    public void PrintTable()
    {
        Table table = new Table().Border(TableBorder.Simple);
        foreach (string heading in (string[])["step", "shape", "min", "max", "mean", "time"])
        {
            table.AddColumn(new TableColumn(heading) { Alignment = heading == "step" ? Justify.Left : Justify.Right, NoWrap = true });
        }

        foreach (StepReport step in Steps)
        {
            table.AddRow(
                step.Name, string.Join('x', step.Shape), Number(step.Min), Number(step.Max), Number(step.Mean),
                string.Create(CultureInfo.InvariantCulture, $"{step.Microseconds:N0} us"));
        }

        AnsiConsole.Write(table);
        Console.WriteLine($"kernels: {Backend}, {Isa}");
        foreach (string file in Files)
        {
            Console.WriteLine($"wrote {file}");
        }
    }

    private static string Number(float value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static StepReport Summarize(FilterStep step)
    {
        using TensorAccess access = step.Result.Access();
        float min = float.PositiveInfinity, max = float.NegativeInfinity;
        double sum = 0;
        foreach (float value in access.Values)
        {
            min = Math.Min(min, value);
            max = Math.Max(max, value);
            sum += value;
        }

        return new StepReport(
            step.Name, step.Result.Shape.ToArray(), min, max, (float)(sum / access.Values.Length), Math.Round(step.Microseconds, 1));
    }
}

/// <summary>Serialisation that is generated, so that it works without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(FilterReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
