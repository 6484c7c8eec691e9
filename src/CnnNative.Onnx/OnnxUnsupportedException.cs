// A model can be whole and still ask for what is not there. That is no fault of the file, and is told before anything runs.

namespace CnnNative;

/// <summary>An ONNX model needs operators, or kinds of values, that this library does not have.</summary>
public sealed class OnnxUnsupportedException : NotSupportedException
{
    /// <summary>Makes the exception.</summary>
    public OnnxUnsupportedException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is needed, and by which nodes.</param>
    public OnnxUnsupportedException(string message)
        : base(message)
    {
    }

    /// <summary>Whether nothing is missing but the value of an input, or of a part of the network, on which a shape or a branch
    /// depends: <see cref="OnnxModel.Run"/> can run the model.</summary>
    public bool DependsOnData { get; init; }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is needed, and by which nodes.</param>
    /// <param name="innerException">What caused it.</param>
    public OnnxUnsupportedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
