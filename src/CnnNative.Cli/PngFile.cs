// Writes the bytes of a picture so that the file appears whole or not at all.

namespace CnnNative.Cli;

internal static class PngFile
{
    public static void Write(string path, byte[] png)
    {
        try
        {
            AtomicFile.Write(path, stream => stream.Write(png));
        }
        catch (IOException error)
        {
            throw new UserException(error.Message, error);
        }
    }
}
