// One checkpoint as a file: every tensor of a training by the name of its parameter, so that a checkpoint of another network is
// told from this one by name and shape.

using CnnNative.Files;
using CnnNative.Graphs;

namespace CnnNative.Training;

/// <summary>Writes and reads checkpoints.</summary>
internal static class CheckpointFile
{
    private const string Format = "cnnnative-checkpoint";
    private const int Version = 1;

    /// <summary>Writes a checkpoint whole, or leaves what was there.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(
        string path, CheckpointState state, ParameterArena arena, IReadOnlyList<(string Kind, Tensor Block)> blocks)
    {
        OrderedDictionary<string, Tensor> tensors = new(StringComparer.Ordinal);
        try
        {
            foreach ((string kind, Tensor block) in blocks)
            {
                foreach (ParameterSlot slot in SlotsOf(arena, block))
                {
                    tensors.Add($"{kind}/{slot.Parameter.Name}", block.View(slot.Offset, slot.Parameter.Shape));
                }
            }

            TensorContainer.Write(path, Format, Version, state.ToJson(), tensors);
        }
        finally
        {
            foreach (Tensor view in tensors.Values)
            {
                view.Dispose();
            }
        }
    }

    /// <summary>Reads a file and checks that it is whole.</summary>
    /// <exception cref="InvalidDataException">It is damaged, cut short, or made by a newer version.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static TensorContainer Read(string path) => TensorContainer.Read(path, Format, Version);

    /// <summary>Copies the tensors of a checkpoint to where the training has them.</summary>
    /// <exception cref="InvalidDataException">The checkpoint is of another network.</exception>
    public static void Restore(
        TensorContainer container, string path, ParameterArena arena, IReadOnlyList<(string Kind, Tensor Block)> blocks)
    {
        // All is looked at before anything is changed.
        int expected = 0;
        foreach ((string kind, Tensor block) in blocks)
        {
            foreach (ParameterSlot slot in SlotsOf(arena, block))
            {
                string name = $"{kind}/{slot.Parameter.Name}";
                if (!container.Tensors.TryGetValue(name, out Tensor? tensor) || tensor.Shape != slot.Parameter.Shape)
                {
                    throw new InvalidDataException(
                        $"{path}: the checkpoint has {(tensor is null ? "no" : $"{tensor.Shape} for")} '{name}', " +
                        $"expected {slot.Parameter.Shape}; it is of another network or was trained in another way.");
                }

                expected++;
            }
        }

        if (container.Tensors.Count != expected)
        {
            throw new InvalidDataException(
                $"{path}: the checkpoint has {container.Tensors.Count} tensors, expected {expected}; " +
                "it is of another network or was trained in another way.");
        }

        foreach ((string kind, Tensor block) in blocks)
        {
            using TensorAccess target = block.Access();
            foreach (ParameterSlot slot in SlotsOf(arena, block))
            {
                container.Tensors[$"{kind}/{slot.Parameter.Name}"].CopyTo(target.Values.Slice(slot.Offset, slot.Length));
            }
        }
    }

    /// <summary>Moments have no place for statistics, which stand at the end.</summary>
    private static IEnumerable<ParameterSlot> SlotsOf(ParameterArena arena, Tensor block) =>
        arena.Slots.Where(slot => slot.Offset + slot.Length <= block.ElementCount);
}
