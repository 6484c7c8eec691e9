// Where the time of a run goes, node by node: as a table for people, as JSON for programs, and as a trace for browsers.

using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CnnNative;

/// <summary>The time of one node.</summary>
/// <param name="Name">The node.</param>
/// <param name="Kind">Its operator.</param>
/// <param name="OutputShape">What it puts out.</param>
/// <param name="Milliseconds">The median of its times.</param>
/// <param name="Cost">Its arithmetic and traffic.</param>
public readonly record struct NodeProfile(string Name, string Kind, Shape OutputShape, double Milliseconds, OperatorCost Cost)
{
    /// <summary>Floating-point operations in 10^9 a second, a multiplication and an addition counted as two.</summary>
    public double GigaFlops => Milliseconds > 0 ? (2 * Cost.MultiplyAccumulates + Cost.Operations) / Milliseconds / 1e6 : 0;
}

/// <summary>The times of all nodes of a model.</summary>
/// <param name="nodes">The nodes in the order in which they run.</param>
public sealed class SessionProfile(IReadOnlyList<NodeProfile> nodes)
{
    /// <summary>The nodes in the order in which they run.</summary>
    public IReadOnlyList<NodeProfile> Nodes { get; } = nodes;

    /// <summary>The sum of the medians.</summary>
    public double TotalMilliseconds => Nodes.Sum(node => node.Milliseconds);

    /// <summary>A table with aligned columns: node, operator, output, milliseconds, share, GFLOP/s.</summary>
    public string ToTable()
    {
        double total = Math.Max(TotalMilliseconds, double.Epsilon);
        int name = Math.Max(4, Nodes.Select(node => node.Name.Length).DefaultIfEmpty().Max());
        int kind = Math.Max(8, Nodes.Select(node => node.Kind.Length).DefaultIfEmpty().Max());
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"{"node".PadRight(name)}  {"operator".PadRight(kind)}  {"output",-16} {"ms",9} {"share",7} {"GFLOP/s",8}");
        foreach (NodeProfile node in Nodes)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"{node.Name.PadRight(name)}  {node.Kind.PadRight(kind)}  {node.OutputShape,-16} {node.Milliseconds,9:F3} " +
                $"{100 * node.Milliseconds / total,6:F1}% {node.GigaFlops,8:F1}");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"{"total".PadRight(name)}  {"".PadRight(kind)}  {"",-16} {total,9:F3}");
        return text.ToString();
    }

    /// <summary>A JSON array with an object for each node: name, operator, output, milliseconds, share, gflops.</summary>
    public string ToJson() => Write(writer =>
    {
        double total = Math.Max(TotalMilliseconds, double.Epsilon);
        writer.WriteStartArray();
        foreach (NodeProfile node in Nodes)
        {
            writer.WriteStartObject();
            writer.WriteString("name", node.Name);
            writer.WriteString("operator", node.Kind);
            writer.WriteString("output", node.OutputShape.ToString());
            writer.WriteNumber("milliseconds", node.Milliseconds);
            writer.WriteNumber("share", node.Milliseconds / total);
            writer.WriteNumber("gflops", node.GigaFlops);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    /// <summary>The run as trace events, which chrome://tracing and Perfetto show.</summary>
    public string ToChromeTrace() => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("traceEvents");
        double start = 0;
        foreach (NodeProfile node in Nodes)
        {
            writer.WriteStartObject();
            writer.WriteString("name", node.Name);
            writer.WriteString("cat", node.Kind);
            writer.WriteString("ph", "X");
            writer.WriteNumber("ts", start * 1000);
            writer.WriteNumber("dur", node.Milliseconds * 1000);
            writer.WriteNumber("pid", 1);
            writer.WriteNumber("tid", 1);
            writer.WriteStartObject("args");
            writer.WriteString("output", node.OutputShape.ToString());
            writer.WriteNumber("gflops", node.GigaFlops);
            writer.WriteEndObject();
            writer.WriteEndObject();
            start += node.Milliseconds;
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static string Write(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, new JsonWriterOptions { Indented = true }))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
