// The command cnn compiled ahead of time, out of the repository as a distribution would do it, once for all tests; and the smallest
// program there is, compiled in the same way, to hold its start against.

using System.Diagnostics;

namespace CnnNative.PackageTests;

public sealed class CommandAheadOfTime : IDisposable
{
    private static readonly string _program = ConsumerTests.Program("out/cnn");
    private readonly Lazy<Consumer> _consumer = new(Publish);
    private readonly Lazy<Consumer> _hello = new(PublishHello);

    /// <summary>The folder in which the commands are run, with a photograph, cat.png, and the folder out of the program.</summary>
    public string Root => _consumer.Value.Root;

    /// <summary>Runs cnn, and returns what it printed; fails the test when it fails.</summary>
    public string Run(string arguments) => _consumer.Value.Run(_program, arguments);

    /// <summary>Runs cnn to its end.</summary>
    public (int ExitCode, string Output) TryRun(string arguments) => _consumer.Value.TryRun(_program, arguments);

    /// <summary>The shortest of some starts of `cnn --help` and of hello world, in turn.</summary>
    public (TimeSpan Command, TimeSpan Hello) MeasureStart()
    {
        const int rounds = 20;
        TimeSpan command = TimeSpan.MaxValue, hello = TimeSpan.MaxValue;
        for (int i = 0; i < rounds; i++)
        {
            command = Min(command, Time(_consumer.Value, _program, "--help"));
            hello = Min(hello, Time(_hello.Value, ConsumerTests.Program("out/hello"), ""));
        }

        return (command, hello);
    }

    public void Dispose()
    {
        foreach (Lazy<Consumer> consumer in (Lazy<Consumer>[])[_consumer, _hello])
        {
            if (consumer.IsValueCreated)
            {
                consumer.Value.Dispose();
            }
        }
    }

    private static Consumer Publish()
    {
        Consumer consumer = new("command");
        string project = Path.Combine(Feed.Repository, "src", "CnnNative.Cli", "CnnNative.Cli.csproj");
        consumer.Dotnet($"publish {project} -c Release -r {ConsumerTests.Rid} -p:PublishAot=true -o {Path.Combine(consumer.Root, "out")}");
        File.Copy(
            Path.Combine(Feed.Repository, "src", "CnnNative.Cli", "Assets", "chelsea.png"), Path.Combine(consumer.Root, "cat.png"));
        return consumer;
    }

    private static Consumer PublishHello()
    {
        Consumer consumer = new("hello");
        consumer.Dotnet("new console -o . -n hello");
        consumer.Dotnet($"publish -c Release -r {ConsumerTests.Rid} -p:PublishAot=true -p:InvariantGlobalization=true -o out");
        return consumer;
    }

    private static TimeSpan Time(Consumer consumer, string program, string arguments)
    {
        long start = Stopwatch.GetTimestamp();
        consumer.Run(program, arguments);
        return Stopwatch.GetElapsedTime(start);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
