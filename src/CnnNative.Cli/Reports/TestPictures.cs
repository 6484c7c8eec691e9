// The pictures of a test: which classes are taken for which, and the samples that the model was most wrong about.

namespace CnnNative.Cli;

internal static class TestPictures
{
    /// <summary>How many mistakes the picture shows at most.</summary>
    public const int Mistakes = 30;

    public static IEnumerable<string> Write(string folder, TestFigures test, IDataset data, string name) => [];
}
