// --backend: which kernels do the work. Without it the library chooses, which takes the native ones, unless they are missing and the
// user's environment allows the managed ones in their place.

using System.CommandLine;

namespace CnnNative.Cli;

internal sealed class BackendOption
{
    private readonly Option<string?> _backend = new("--backend")
    {
        Description =
            "Which kernels do the work: native or managed. By default native, or managed where there are none and the variable " +
            "CNN_MANAGED_FALLBACK=1 allows it.",
        HelpName = "native|managed",
    };

    public void AddTo(Command command) => command.Options.Add(_backend);

    /// <summary>What was asked for; null to let the library choose.</summary>
    public Backend? Read(ParseResult parsed) => parsed.GetValue(_backend) switch
    {
        null => null,
        "native" => Backend.Native,
        "managed" => Backend.Managed,
        string other => throw new UserException($"--backend is '{other}', expected native or managed."),
    };

    /// <summary>The word for a backend, in reports too.</summary>
    public static string WordOf(Backend backend) => backend == Backend.Native ? "native" : "managed";
}
