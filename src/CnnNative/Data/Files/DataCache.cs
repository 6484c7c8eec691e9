// Where downloaded data sets are kept: one folder for all programs of a user, which an environment variable can move.

namespace CnnNative;

/// <summary>The folder of downloaded data sets.</summary>
public static class DataCache
{
    private const string Variable = "CNN_DATA_DIR";

    /// <summary>The environment variable CNN_DATA_DIR; else the folder cnnnative in XDG_CACHE_HOME, or in the user's folder for
    /// local application data.</summary>
    public static string Root
    {
        get
        {
            if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
            {
                return given;
            }

            string parent = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache
                ? cache
                : Environment.GetFolderPath(
                    Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);

            // Some service accounts have no such folder.
            return Path.Combine(parent.Length > 0 ? parent : Path.GetTempPath(), "cnnnative");
        }
    }

    /// <summary>The folder of one data set, which need not exist.</summary>
    /// <param name="dataset">The data set's name, such as "mnist".</param>
    public static string FolderOf(string dataset) => Path.Combine(Root, dataset);
}
