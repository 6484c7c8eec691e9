// A folder for one test, which is gone afterwards.

namespace CnnNative.Tests.Imaging;

internal sealed class TemporaryFolder : IDisposable
{
    public string FullName { get; } = Directory.CreateTempSubdirectory("cnn-imaging").FullName;

    public string PathOf(string name) => Path.Combine(FullName, name);

    public string Write(string name, ReadOnlySpan<byte> content)
    {
        string path = PathOf(name);
        File.WriteAllBytes(path, content);
        return path;
    }

    public void Dispose() => Directory.Delete(FullName, recursive: true);
}
