// The generator as CI and a developer call it: exit codes, and one line on the error output for whatever is wrong.

using System.Diagnostics;

namespace CnnNative.Tests.Interop;

public sealed class BindingGeneratorProgramTests : IDisposable
{
    private const string Header = "#include <stdint.h>\n#define CNN_ABI_VERSION 7\n/** Counts. */\nint32_t cnn_count(void);\n";
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public BindingGeneratorProgramTests()
    {
        File.WriteAllText(Path.Combine(_folder, "good.h"), Header);
        File.WriteAllText(Path.Combine(_folder, "bad.h"), "int cnn_broken(\n\n");
    }

    public static TheoryData<string, string> Mistakes => new()
    {
        { "", "--header is missing" },
        { "--header good.h --output o.cs", "--layout is missing" },
        { "--header", "'--header' is not an option, or its value is missing" },
        { "--loud", "'--loud' is not an option" },
        { "--header none.h --output o.cs --layout o.c", "the header 'none.h' does not exist" },
        { "--header good.h --output o.cs --layout o.c --clang no-such-clang", "'no-such-clang' cannot be started" },
        { "--header good.h --output o.cs --layout o.c --clang dotnet", "dotnet does not accept 'good.h'" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_ends_with_status_2_and_one_line_that_names_it(string arguments, string expected)
    {
        (int status, string errors) = Run(arguments);

        Assert.Equal(2, status);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void A_header_that_does_not_compile_is_refused_with_the_place_of_the_first_error()
    {
        RequireClang();

        (int status, string errors) = Run("--header bad.h --output o.cs --layout o.c");

        Assert.Equal(2, status);
        Assert.Contains("bad.h:", errors, StringComparison.Ordinal);
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void The_check_passes_on_what_was_written_and_names_a_file_that_was_changed()
    {
        RequireClang();
        const string arguments = "--header good.h --output o.cs --layout o.c";
        Assert.Equal((0, ""), Run(arguments));
        Assert.Equal((0, ""), Run(arguments + " --check"));

        File.AppendAllText(Path.Combine(_folder, "o.cs"), "// changed by hand\n");
        (int status, string errors) = Run(arguments + " --check");

        Assert.Equal(1, status);
        Assert.Contains("o.cs does not follow from the header", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("o.c does not", errors, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void RequireClang() => Assert.SkipUnless(
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? "clang.exe" : "clang"))),
        "clang is not installed; only those who change the header need it.");

    private (int Status, string Errors) Run(string arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "CnnNative.BindingGenerator.dll");
        ProcessStartInfo start = new("dotnet", $"\"{program}\" {arguments}")
        {
            WorkingDirectory = _folder,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors);
    }
}
