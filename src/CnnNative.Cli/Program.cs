// The command cnn. This file maps outcomes to exit codes, in one place: 0 done, 2 the user's input is wrong, 130 Ctrl+C.
// Whatever a user types ends in one line on stderr, never in a stack trace.

using System.CommandLine;
using System.CommandLine.Parsing;
using CnnNative.Imaging;

namespace CnnNative.Cli;

internal static class Program
{
    private const int Done = 0;
    private const int WrongInput = 2;
    private const int Interrupted = 130;

    private static async Task<int> Main(string[] arguments)
    {
        RootCommand root = new("Convolutional networks on the CPU: filter pictures, look at each step, see what the machine offers.")
        {
            FilterCommand.Create(),
            DemoCommand.Create(),
            InfoCommand.Create(),
        };
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors is [ParseError first, ..] && parsed.Action is not null && parsed.Tokens.Count > 0)
        {
            return Fail($"{first.Message} Try 'cnn {parsed.CommandResult.Command.Name} --help'.".Replace("cnn cnn", "cnn", StringComparison.Ordinal));
        }

        try
        {
            InvocationConfiguration configuration = new() { EnableDefaultExceptionHandler = false };
            int code = await parsed.InvokeAsync(configuration).ConfigureAwait(false);
            return parsed.Errors.Count > 0 ? WrongInput : code;
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
        catch (Exception error) when (IsTheUsers(error))
        {
            return Fail(error.Message);
        }
    }

    /// <summary>Errors that the user can mend: wrong options, pictures that cannot be read, folders that cannot be written,
    /// a native library that is not there.</summary>
    private static bool IsTheUsers(Exception error) =>
        error is UserException or ImageFormatException or ArgumentException or IOException or UnauthorizedAccessException
            or InvalidDataException or NativeLibraryException or NotSupportedException or InsufficientMemoryException;

    private static int Fail(string message)
    {
        Console.Error.WriteLine($"cnn: {message.ReplaceLineEndings(" ").Trim()}");
        return WrongInput;
    }
}
