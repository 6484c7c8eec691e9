// One change to a picture. Steps say where they left the result, so that a flip that is not drawn costs nothing, and a pipeline
// passes a picture back and forth between two buffers without a copy per step.

namespace CnnNative;

/// <summary>A step of an <see cref="Augmentation"/>. Implementations are immutable and safe to use from several
/// threads.</summary>
public abstract class AugmentationStep
{
    /// <summary>Whether pixels change their places, so that a target that is a picture would have to change with them. True
    /// unless overridden.</summary>
    public virtual bool MovesPixels => true;

    /// <summary>The shape that the step gives for pictures of a shape; the same, unless overridden.</summary>
    /// <param name="input">height x width x channels.</param>
    /// <exception cref="ArgumentException">The step cannot be used with such pictures.</exception>
    public virtual Shape OutputShape(Shape input) => input;

    /// <summary>Changes a picture. It draws from <paramref name="random"/> alone.</summary>
    /// <param name="shape">The picture's shape: height x width x channels.</param>
    /// <param name="image">The picture, row-major, channels innermost; may be overwritten.</param>
    /// <param name="destination">Memory for the result, of <see cref="OutputShape"/>; its content is undefined.</param>
    /// <param name="random">The random numbers of the sample.</param>
    /// <returns>True if the result is in <paramref name="destination"/>, false if it is in <paramref name="image"/>.</returns>
    public abstract bool Apply(Shape shape, Span<float> image, Span<float> destination, ref SampleRandom random);
}
