// The checkpoints of one training in a folder, named by their steps; the newest that is whole counts.

using System.Globalization;
using CnnNative.Files;

namespace CnnNative.Training;

/// <summary>A folder of checkpoints.</summary>
internal sealed class CheckpointFolder
{
    private const string Prefix = "checkpoint-";
    private const string Extension = ".cnnckpt";
    private readonly CheckpointOptions _options;
    private readonly string _folder;

    /// <summary>Opens the folder, and makes it where it does not exist.</summary>
    /// <exception cref="IOException">It cannot be made, or has checkpoints and nobody wants to resume from them.</exception>
    public CheckpointFolder(CheckpointOptions options, bool resume)
    {
        _options = options;
        _folder = Path.GetFullPath(options.Folder);
        try
        {
            Directory.CreateDirectory(_folder);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"The folder for checkpoints, '{options.Folder}', cannot be made: {error.Message}", error);
        }

        if (!resume && All() is [.., string newest])
        {
            throw new IOException(
                $"The folder '{options.Folder}' has checkpoints of another training, the newest is {Path.GetFileName(newest)}; " +
                "resume from them, or choose a folder without checkpoints.");
        }

        // A process that was killed while it wrote leaves a file that nobody will finish.
        foreach (string left in Directory.GetFiles(_folder, $"{Prefix}*{Extension}.*.tmp"))
        {
            File.Delete(left);
        }
    }

    /// <summary>The path of the checkpoint after some steps.</summary>
    public string PathOf(long steps) =>
        Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{steps:D10}{Extension}"));

    /// <summary>Opens the newest checkpoint that is whole; those that are not are set aside.</summary>
    /// <param name="damaged">Is told why a checkpoint cannot be used.</param>
    /// <returns>The path and what is in it, which the caller disposes; null if there is no checkpoint.</returns>
    /// <exception cref="InvalidDataException">There are checkpoints, and none of them is whole.</exception>
    public (string Path, TensorContainer Content)? OpenNewest(Action<string> damaged)
    {
        InvalidDataException? last = null;
        foreach (string path in All().Reverse())
        {
            try
            {
                return (path, CheckpointFile.Read(path));
            }
            catch (InvalidDataException error)
            {
                damaged(error.Message);
                last ??= error;
                File.Move(path, path + ".damaged", overwrite: true);
            }
        }

        return last is null ? null : throw new InvalidDataException(
            $"No checkpoint in '{_options.Folder}' can be used; the newest: {last.Message}", last);
    }

    /// <summary>Deletes all but the newest ones.</summary>
    public void Prune()
    {
        string[] all = All();
        foreach (string old in all.Take(Math.Max(0, all.Length - _options.Keep)))
        {
            File.Delete(old);
        }
    }

    /// <summary>The checkpoints, oldest first.</summary>
    private string[] All()
    {
        string[] files = Directory.GetFiles(_folder, $"{Prefix}*{Extension}");
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }
}
