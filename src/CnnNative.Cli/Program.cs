// The command cnn. This file maps outcomes to exit codes, in one place: 0 done, 2 the user's input is wrong, 130 Ctrl+C.
// Whatever a user types ends in one line on stderr, never in a stack trace.

using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using CnnNative.Imaging;

namespace CnnNative.Cli;

internal static class Program
{
    private const int Done = 0;
    private const int WrongInput = 2;
    private const int Interrupted = 130;

    private static async Task<int> Main(string[] arguments)
    {
        RootCommand root = new("Convolutional networks on the CPU: train them, measure them, ask them, look at each step.")
        {
            TrainCommand.Create(),
            EvalCommand.Create(),
            PredictCommand.Create(),
            RunCommand.Create(),
            ConvertCommand.Create(),
            BenchCommand.Create(),
            FilterCommand.Create(),
            DemoCommand.Create(),
            InfoCommand.Create(),
        };
        root.Options.OfType<VersionOption>().Single().Action = new TellVersion();
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0 && arguments.Length > 0)
        {
            return Fail($"{Problem(parsed)} Try '{CommandLine(parsed.CommandResult.Command)} --help'.");
        }

        using CancellationTokenSource interrupted = new();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            InvocationConfiguration configuration = new()
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            int code = await parsed.InvokeAsync(configuration, interrupted.Token).ConfigureAwait(false);
            return parsed.Errors.Count > 0 ? WrongInput : code;
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
        catch (Exception error) when (IsTheUsers(error))
        {
            return Fail(MessageOf(error));
        }

        // The work stops at its next look at the token, and its own clean-up runs.
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            interrupted.Cancel();
        }
    }

    /// <summary>Errors that the user can mend: wrong options, pictures that cannot be read, folders that cannot be written,
    /// a native library that is not there.</summary>
    private static bool IsTheUsers(Exception error) =>
        error is UserException or ImageFormatException or ArgumentException or IOException or UnauthorizedAccessException
            or InvalidDataException or CnnFormatException or NativeLibraryException or NotSupportedException
            or InsufficientMemoryException or DataException or TrainingDivergedException;

    /// <summary>The message without the name of a parameter, which is of the program and not of the user.</summary>
    internal static string MessageOf(Exception error) => error is ArgumentException { ParamName: { } name }
        ? error.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)
        : error.Message;

    /// <summary>What is wrong with the command line; a word that nobody knows explains whatever else is missing.</summary>
    private static string Problem(ParseResult parsed) => parsed.UnmatchedTokens is [string unknown, ..]
        ? $"'{unknown}' is not a command or an option of '{CommandLine(parsed.CommandResult.Command)}'."
        : MessageOf(parsed.Errors[0]);

    // The parser names what it expected as the type of the runtime.
    private static string MessageOf(ParseError error)
    {
        if (error.SymbolResult is not OptionResult { Tokens: [{ Value: { } value }] } result
            || !error.Message.Contains($"'{result.Option.ValueType}'", StringComparison.Ordinal))
        {
            return error.Message;
        }

        Type type = Nullable.GetUnderlyingType(result.Option.ValueType) ?? result.Option.ValueType;
        string? expected = Type.GetTypeCode(type) switch
        {
            TypeCode.Int32 => $"a whole number up to {int.MaxValue}",
            TypeCode.UInt64 => $"a whole number from 0 to {ulong.MaxValue}",
            TypeCode.Single or TypeCode.Double => "a number",
            _ => null,
        };
        return expected is null ? error.Message : $"{result.Option.Name} is '{value}', expected {expected}.";
    }

    private static string CommandLine(Command command) => command is RootCommand ? "cnn" : $"cnn {command.Name}";

    private static int Fail(string message)
    {
        Console.Error.WriteLine($"cnn: {message.ReplaceLineEndings(" ").Trim()}");
        return WrongInput;
    }

    // The version of the library, without the commit that the assembly's own has behind it.
    private sealed class TellVersion : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            Console.WriteLine(CnnRuntime.Version);
            return Done;
        }
    }
}
