// Which data, for every command that reads a data set.

using System.CommandLine;
using CnnNative.Imaging;

namespace CnnNative.Cli;

internal sealed class DataOptionSet
{
    private readonly Option<string> _data = new("--data")
    {
        Description =
            $"The data: {string.Join(", ", DataSource.Names)}, a folder with a folder of pictures for each class, " +
            "or a .csv file.",
        Required = true,
        HelpName = "NAME|FOLDER|FILE",
    };

    private readonly Option<string?> _folder = new("--data-dir")
    {
        Description =
            "The folder with the files of a known data set, or with a folder of its name; by default CNN_DATA_DIR, or a folder " +
            "for caches. A known data set that is not there is fetched into it.",
        HelpName = "DIR",
    };

    private readonly Option<string?> _mirror = new("--data-mirror")
    {
        Description =
            "Fetch a known data set that is not there from here, URL/NAME/FILE, instead of from its authors; the variable " +
            "CNN_DATA_MIRROR says the same.",
        HelpName = "URL",
    };

    private readonly Option<bool> _offline = new("--offline")
    {
        Description = "Fetch nothing from the web; the variable CNN_OFFLINE=1 says the same.",
    };

    private readonly Option<int?> _limit = new("--limit")
    {
        Description = "Use so many samples only, evenly spread over all of them.",
        HelpName = "N",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_data);
        command.Options.Add(_folder);
        command.Options.Add(_mirror);
        command.Options.Add(_offline);
        command.Options.Add(_limit);
    }

    public DataChoice Read(ParseResult parsed)
    {
        string? folder = parsed.GetValue(_folder);
        int? limit = parsed.GetValue(_limit);
        if (folder is not null && !Directory.Exists(folder))
        {
            throw new UserException($"--data-dir is '{folder}', which is not a folder.");
        }

        return limit < 1
            ? throw new UserException($"--limit is {limit}, expected at least 1.")
            : new DataChoice(
                parsed.GetValue(_data)!, folder, limit, DataDownload.From(parsed.GetValue(_mirror), parsed.GetValue(_offline)));
    }
}

/// <summary>The data that was asked for.</summary>
internal sealed record DataChoice(string Name, string? Folder, int? Limit, DataDownload Download)
{
    /// <summary>Opens the data, and fetches it where it is not there.</summary>
    /// <param name="pictures">How pictures of a folder are read.</param>
    /// <param name="cancellation">Stops a download.</param>
    public Task<DataSource> OpenAsync(ImageDatasetOptions? pictures, CancellationToken cancellation) =>
        Download.OpenAsync(Name, Folder, pictures, cancellation);

    /// <summary>Every so many-th sample, so that a folder's classes all have their part.</summary>
    public IDataset Limited(IDataset dataset)
    {
        if (Limit is not { } limit || limit >= dataset.Count)
        {
            return dataset;
        }

        int[] chosen = [.. Enumerable.Range(0, limit).Select(i => (int)((long)i * dataset.Count / limit))];
        return new Subset(dataset, chosen);
    }
}
