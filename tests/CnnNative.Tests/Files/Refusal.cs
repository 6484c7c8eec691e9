// Errors are part of what users get, so most tests of errors look at the words.

namespace CnnNative.Tests.Files;

internal static class Refusal
{
    /// <summary>Runs what must fail with exactly this type and a message that contains the words.</summary>
    public static void Of<TException>(string words, Action action)
        where TException : Exception
    {
        TException error = Assert.Throws<TException>(action);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }
}
