// `cnn info MODEL --passes`: what became of the nodes of a network before it runs, pass by pass, as a table or as JSON.

using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CnnNative.Cli;

internal static class PassesText
{
    /// <summary>Names beyond these are counted, not listed.</summary>
    private const int MostNames = 3;

    /// <summary>A line for each pass: its name, the changes, nodes before and after, and the first nodes that it changed.
    /// </summary>
    public static string ToTable(IReadOnlyList<PassReport> passes)
    {
        int width = passes.Select(pass => pass.Name.Length).DefaultIfEmpty().Max();
        StringBuilder text = new();
        foreach (PassReport pass in passes)
        {
            int more = pass.Changed.Count - MostNames;
            string names = string.Join(", ", pass.Changed.Take(MostNames)) + (more > 0 ? $" and {more} more" : "");
            string line = string.Create(
                CultureInfo.InvariantCulture,
                $"{pass.Name.PadRight(width)}  {pass.Changed.Count,5} changed  " +
                $"{pass.NodesBefore,5} -> {pass.NodesAfter,-5} {names}");
            text.AppendLine(line.TrimEnd());
        }

        return text.ToString();
    }

    /// <summary>An array of objects: pass, nodes_before, nodes_after, changed.</summary>
    public static string ToJson(IReadOnlyList<PassReport> passes)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartArray();
            foreach (PassReport pass in passes)
            {
                writer.WriteStartObject();
                writer.WriteString("pass", pass.Name);
                writer.WriteNumber("nodes_before", pass.NodesBefore);
                writer.WriteNumber("nodes_after", pass.NodesAfter);
                writer.WriteStartArray("changed");
                foreach (string name in pass.Changed)
                {
                    writer.WriteStringValue(name);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
