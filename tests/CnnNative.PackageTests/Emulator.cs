// What runs programs of another platform on Linux: QEMU's user-mode emulation for 64-bit ARM, and Wine for Windows. Tests are skipped
// where it is absent, with the command that installs it.

namespace CnnNative.PackageTests;

internal sealed record Emulator(string Program, string Arguments, string Suffix, (string Name, string Value)[] Environment)
{
    private const string Arm64Libraries = "/usr/aarch64-linux-gnu";

    /// <summary>The emulator of a platform; skips the test where there is none.</summary>
    public static Emulator For(string rid)
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && ConsumerTests.Rid == "linux-x64", $"programs for {rid} are only run on Linux on x64");
        switch (rid)
        {
            case "linux-arm64":
                string? qemu = Find("qemu-aarch64-static") ?? Find("qemu-aarch64");
                Assert.SkipWhen(qemu is null, "QEMU is missing; run: apt-get install -y qemu-user-static");
                Assert.SkipUnless(
                    File.Exists(Path.Combine(Arm64Libraries, "lib", "libstdc++.so.6")),
                    "the C++ library that .NET needs is missing for ARM64; run: apt-get install -y libstdc++6-arm64-cross");
                return new Emulator(qemu!, $"-L {Arm64Libraries} ", "", []);
            case "win-x64":
                string? wine = Find("wine64") ?? Find("wine");
                Assert.SkipWhen(wine is null, "Wine is missing; run: apt-get install -y wine64 wine");
                string prefix = Path.Combine(Feed.Repository, "artifacts", "wine");
                return new Emulator(wine!, "", ".exe", [("WINEPREFIX", prefix), ("WINEDEBUG", "-all"), ("DISPLAY", "")]);
            default:
                throw new ArgumentException($"No emulator is known for {rid}.", nameof(rid));
        }
    }

    /// <summary>Runs a program in a consumer's folder, and returns what it printed; fails the test when it fails.</summary>
    public string Run(Consumer consumer, string program, string arguments = "") =>
        consumer.Run(Program, $"{Arguments}{program}{Suffix} {arguments}", Environment);

    private static string? Find(string name) => (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
