// Looks through a model for operators that are not there, before anything is imported, and names all of them in one message.

using CnnNative.Onnx.Importing.Mappings;
using CnnNative.Onnx.Schema;

namespace CnnNative.Onnx.Importing;

internal static class SupportCheck
{
    /// <summary>How many nodes of one kind a message names.</summary>
    private const int Named = 3;

    /// <summary>Requires that all operators are supported.</summary>
    /// <exception cref="OnnxUnsupportedException">Some are not.</exception>
    public static void Require(OnnxModel model, Predicate<(string, string, string)> isFunction)
    {
        Dictionary<string, List<string>> missing = new(StringComparer.Ordinal);
        Look(model.Proto.Graph.Node, model.Opsets);
        foreach (FunctionProto function in model.Proto.Functions)
        {
            Dictionary<string, long> opsets = new(model.Opsets);
            foreach (OperatorSetIdProto entry in function.OpsetImport)
            {
                opsets[entry.Domain is "ai.onnx" ? "" : entry.Domain] = entry.Version;
            }

            Look(function.Node, opsets);
        }

        if (missing.Count > 0)
        {
            throw new OnnxUnsupportedException(
                $"{model.Name}: {missing.Count} operator{(missing.Count == 1 ? " is" : "s are")} not supported: " +
                string.Join("; ", missing.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(Describe)) + ".");
        }

        void Look(IEnumerable<NodeProto> nodes, IReadOnlyDictionary<string, long> opsets)
        {
            foreach (NodeProto node in nodes)
            {
                string domain = node.Domain is "ai.onnx" ? "" : node.Domain;
                if (Mapping.Find(domain, node.OpType) is null && !isFunction((domain, node.OpType, node.Overload)))
                {
                    string kind = (domain.Length == 0 ? "" : domain + ".") +
                        $"{node.OpType} (opset {opsets.GetValueOrDefault(domain, 1)})";
                    if (!missing.TryGetValue(kind, out List<string>? places))
                    {
                        missing[kind] = places = [];
                    }

                    places.Add(
                        $"node '{node.Name}' between '{node.Input.FirstOrDefault()}' and '{node.Output.FirstOrDefault()}'");
                }

                foreach (AttributeProto attribute in node.Attribute.Where(attribute => attribute.G is not null))
                {
                    Look(attribute.G.Node, opsets);
                }
            }
        }
    }

    private static string Describe(KeyValuePair<string, List<string>> pair) =>
        $"{pair.Key} in {string.Join(", ", pair.Value.Take(Named))}" +
        (pair.Value.Count > Named ? $" and {pair.Value.Count - Named} more" : "");
}
