// Programs of users, made in empty folders out of nothing but the packages.

using System.Diagnostics;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;

namespace CnnNative.PackageTests;

public sealed class ConsumerTests
{
    internal static string NativeFile =>
        OperatingSystem.IsWindows() ? "libcnnnative.dll" : OperatingSystem.IsMacOS() ? "libcnnnative.dylib" : "libcnnnative.so";

    [Theory]
    [InlineData("README.md", "## Three commands to an answer")]
    [InlineData("src/CnnNative/PACKAGE.md", "# CnnNative")]
    public void Three_commands_lead_from_nothing_to_the_first_inference(string readme, string heading)
    {
        using Consumer consumer = new("first");
        string[] lines = Feed.CommandsIn(readme, heading);
        string output = "";
        long start = Stopwatch.GetTimestamp();

        // What a reader types, but for the code, which is pasted before the last line as that line says.
        Assert.Equal(3, lines.Length);
        foreach (string command in lines.SelectMany(line => line.Split("&&", StringSplitOptions.TrimEntries)))
        {
            string[] words = command.Split(' ', 2);
            if (words[0] == "cd")
            {
                consumer.WorkingFolder = Path.Combine(consumer.WorkingFolder, words[1]);
                continue;
            }

            if (command == "dotnet run")
            {
                File.WriteAllText(Path.Combine(consumer.WorkingFolder, "Program.cs"), Feed.CodeIn(readme, heading));
            }

            output = consumer.Run(words[0], words[1]);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
        string[] logits = output.Trim().Split('\n')[^1].Split(' ');
        Assert.Equal(10, logits.Length);
        Assert.All(logits, logit => Assert.True(float.TryParse(logit, System.Globalization.CultureInfo.InvariantCulture, out _), logit));
    }

    [Fact]
    public void The_example_of_the_README_runs_as_it_stands()
    {
        using Consumer consumer = new("readme");
        consumer.Dotnet("new console");
        string project = Directory.EnumerateFiles(consumer.Root, "*.csproj").Single();
        consumer.Dotnet($"add {project} package CnnNative.Imaging --prerelease");
        File.Copy(
            Path.Combine(Feed.Repository, "src", "CnnNative.Cli", "Assets", "chelsea.png"), Path.Combine(consumer.Root, "photo.jpg"));
        WriteFilters(Path.Combine(consumer.Root, "filters.npy"));
        consumer.Write("Program.cs", Feed.CodeIn("README.md", "## The API"));

        string output = consumer.Dotnet("run");

        Assert.EndsWith("True", output.Trim(), StringComparison.Ordinal);
        Assert.True(new FileInfo(Path.Combine(consumer.Root, "steps.png")).Length > 10_000, "steps.png is no picture");
    }

    [Theory]
    [InlineData("")]
    [InlineData("-p:IncludeNativeLibrariesForSelfExtract=true")]
    public void A_single_file_finds_the_library_beside_it_or_within(string options)
    {
        using Consumer consumer = new("single");
        consumer.CopyProgram("Ahead");

        consumer.Dotnet($"publish -c Release -r {Rid} --self-contained false -p:PublishSingleFile=true {options} -o out");
        string output = consumer.Run(Program("out/Ahead"), "", ("DOTNET_BUNDLE_EXTRACT_BASE_DIR", Path.Combine(consumer.Root, ".bundle")));

        Assert.Contains($"{Feed.Version}, {Feed.Version}, ", output, StringComparison.Ordinal);
        Assert.Equal(options.Length == 0, File.Exists(Path.Combine(consumer.Root, "out", NativeFile)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-p:CnnNativeLink=static")]
    public void A_program_compiled_ahead_of_time_runs_with_the_library_beside_it_or_linked_into_it(string options)
    {
        using Consumer consumer = new("aot");
        consumer.CopyProgram("Ahead");

        consumer.Dotnet($"publish -c Release -r {Rid} -p:PublishAot=true {options} -o out");
        string output = consumer.Run(Program("out/Ahead"), "");

        string place = options.Length == 0 ? Path.Combine(consumer.Root, "out", NativeFile) : "the program itself";
        Assert.Contains($"{Feed.Version}, {Feed.Version}, {place}", output, StringComparison.Ordinal);
        Assert.Equal(options.Length == 0, File.Exists(Path.Combine(consumer.Root, "out", NativeFile)));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{options} {new FileInfo(Path.Combine(consumer.Root, Program("out/Ahead"))).Length:N0} bytes");
    }

    [Fact]
    public async Task A_web_service_answers_with_a_network()
    {
        using Consumer consumer = new("web");
        consumer.CopyProgram("Web");
        consumer.Dotnet("publish -c Release -o out");
        using Process server = consumer.Start("dotnet", "out/Web.dll --urls http://127.0.0.1:0");
        try
        {
            string? line;
            const string announcement = "Now listening on: ";
            do
            {
                line = await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
                Assert.NotNull(line); // the service ended before it listened
            }
            while (!line.Contains(announcement, StringComparison.Ordinal));

            using HttpClient client = new();
            using ByteArrayContent picture = new(new byte[28 * 28]);
            picture.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            Uri address = new(line[(line.IndexOf(announcement, StringComparison.Ordinal) + announcement.Length)..].Trim() + "/predict");
            using HttpResponseMessage answer = await client.PostAsync(address, picture, TestContext.Current.CancellationToken);

            Assert.True(answer.IsSuccessStatusCode, answer.ToString());
            string logits = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Equal(10, logits.Split(' ').Length);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public void A_test_project_finds_the_library()
    {
        using Consumer consumer = new("tests");
        consumer.CopyProgram("Tested");

        string output = consumer.Dotnet("test -c Release");

        Assert.Contains("succeeded: 1", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("resolver")]
    [InlineData("beside")]
    public void A_plug_in_finds_the_library_in_its_own_folder(string context)
    {
        using Consumer consumer = new("plugin");
        consumer.CopyProgram("Plugin");
        consumer.Dotnet("publish Host -c Release -o host");
        consumer.Dotnet("publish Part -c Release -o part");

        string output = consumer.Dotnet($"host/Host.dll part/Part.dll {context}");

        Assert.StartsWith($"2 by {Path.Combine(consumer.Root, "part")}", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_that_is_missing_is_told_with_every_place_and_a_folder_that_is_named_brings_it_back()
    {
        using Consumer consumer = new("missing");
        consumer.CopyProgram("Ahead");
        consumer.Dotnet("publish -c Release -o out");
        Directory.Move(Path.Combine(consumer.Root, "out", "runtimes"), Path.Combine(consumer.Root, "elsewhere"));

        (int code, string message) = consumer.TryRun("dotnet", "out/Ahead.dll");
        string folder = Path.Combine(consumer.Root, "elsewhere", Rid, "native");
        string output = consumer.Run("dotnet", "out/Ahead.dll", ("CNN_NATIVE_PATH", folder));

        Assert.NotEqual(0, code);
        Assert.Contains($"({Rid}", message, StringComparison.Ordinal);
        Assert.Contains($"{Path.Combine(consumer.Root, "out", NativeFile)}: no such file", message, StringComparison.Ordinal);
        Assert.Contains($"Install the package CnnNative.Native of version {Feed.Version}", message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(folder, NativeFile), output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tool_is_installed_and_works()
    {
        using Consumer consumer = new("tool");
        consumer.Dotnet($"tool install CnnNative.Cli --tool-path tools --version {Feed.Version}");
        string cnn = Program("tools/cnn");
        File.Copy(Path.Combine(Feed.Repository, "src", "CnnNative.Cli", "Assets", "chelsea.png"), Path.Combine(consumer.Root, "cat.png"));

        Assert.Equal(Feed.Version, consumer.Run(cnn, "--version").Trim());
        string system = consumer.Run(cnn, "info --system");
        consumer.Run(cnn, "filter cat.png --kernel sobel-x --out pictures");

        Assert.Contains(Feed.Version, system, StringComparison.Ordinal);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(consumer.Root, "pictures"), "*.png"));
    }

    internal static string Rid { get; } =
        $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-"
        + $"{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64")}";

    internal static string Program(string path) => OperatingSystem.IsWindows() ? path + ".exe" : path;

    // Four filters of 3 x 3 for one channel, in NumPy's format version 1.0.
    private static void WriteFilters(string path)
    {
        string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3, 3, 1), }".PadRight(117) + "\n";
        using BinaryWriter writer = new(File.Create(path));
        writer.Write((byte)0x93);
        writer.Write("NUMPY"u8);
        writer.Write([1, 0, (byte)header.Length, 0]);
        writer.Write(header.Select(character => (byte)character).ToArray());
        for (int i = 0; i < 4 * 9; i++)
        {
            writer.Write((i % 5) - 2f);
        }
    }
}
