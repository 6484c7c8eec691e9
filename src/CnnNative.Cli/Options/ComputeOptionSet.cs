// Where to compute, for every command that runs a network.

using System.CommandLine;

namespace CnnNative.Cli;

internal sealed class ComputeOptionSet
{
    private readonly BackendOption _backend = new();
    private readonly Option<int> _threads = new("--threads")
    {
        Description = "Threads that share the work; 0 for all that the machine offers.",
        DefaultValueFactory = _ => 0,
        HelpName = "N",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_threads);
        _backend.AddTo(command);
    }

    /// <summary>The choice, checked.</summary>
    public ComputeChoice Read(ParseResult parsed)
    {
        int threads = parsed.GetValue(_threads);
        Backend? backend = _backend.Read(parsed);
        if (threads is < 0 or > 1024)
        {
            throw new UserException($"--threads is {threads}, expected 0 to 1024.");
        }

        return backend == Backend.Managed && threads > 1
            ? throw new UserException(
                $"--threads is {threads}, but the managed kernels use one; leave it out, or take --backend native.")
            : new ComputeChoice(backend, threads);
    }
}

/// <summary>Which kernels, null for those that the library chooses, on how many threads; 0 for all.</summary>
internal readonly record struct ComputeChoice(Backend? Backend, int Threads)
{
    /// <summary>A context, which the caller disposes.</summary>
    public ComputeContext Open() => new(Backend ?? ComputeContext.DefaultBackend, Threads);
}
