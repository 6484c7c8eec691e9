// What the plug-in does for the program: an operator, and where its library came from.
using CnnNative;

namespace Part;

public static class Answer
{
    public static string Compute()
    {
        using Tensor input = Tensor.FromSpan([-1f, 2f], (1, 1, 1, 2));
        using Tensor output = Cnn.Relu(input);
        return $"{output.ToArray()[1]} by {NativeLibraryInfo.Query().Path}";
    }
}
