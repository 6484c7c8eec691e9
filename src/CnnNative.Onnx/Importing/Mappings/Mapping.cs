// Which ONNX operator becomes what. Each family of operators has a file with one small function for each; here they are found by
// domain and name.

namespace CnnNative.Onnx.Importing.Mappings;

/// <summary>Makes what a node stands for, and returns its outputs.</summary>
internal delegate Operand[] MappingFunction(OnnxNode node);

/// <summary>The table of mappings.</summary>
internal static class Mapping
{
    private static readonly Dictionary<string, MappingFunction> All = Collect();

    /// <summary>The mapping of an operator; null if it is not supported.</summary>
    public static MappingFunction? Find(string domain, string kind) => All.GetValueOrDefault(Key(domain, kind));

    /// <summary>The names of all supported operators, with their domains where they have one.</summary>
    public static IReadOnlyCollection<string> Supported => All.Keys;

    private static string Key(string domain, string kind) => domain is "" or "ai.onnx" ? kind : $"{domain}.{kind}";

    private static Dictionary<string, MappingFunction> Collect()
    {
        Dictionary<string, MappingFunction> all = new(StringComparer.Ordinal);
        UnaryMappings.Add(all);
        BinaryMappings.Add(all);
        ShapeMappings.Add(all);
        MovementMappings.Add(all);
        IndexMappings.Add(all);
        SelectionMappings.Add(all);
        ReductionMappings.Add(all);
        ConvolutionMappings.Add(all);
        PoolMappings.Add(all);
        NormalizationMappings.Add(all);
        ProductMappings.Add(all);
        QuantizationMappings.Add(all);
        LossMappings.Add(all);
        SamplingMappings.Add(all);
        ControlMappings.Add(all);
        TrainingMappings.Add(all);
        ImageMappings.Add(all);
        return all;
    }
}
