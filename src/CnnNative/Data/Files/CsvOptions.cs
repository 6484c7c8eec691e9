// What a file of comma-separated values does not say itself.

namespace CnnNative;

/// <summary>How a file of pixels in comma-separated values is read.</summary>
public sealed record CsvOptions
{
    /// <summary>The name of the column of labels. If null and the file has a header: "label", "class" or "target", whichever
    /// there is; else <see cref="LabelIndex"/>.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>The column of labels where no name is known; <c>^1</c> is the last one, which is the default.</summary>
    public Index LabelIndex { get; init; } = ^1;

    /// <summary>The shape of a picture; if null, a gray square.</summary>
    public Shape? Shape { get; init; }

    /// <summary>What values are divided by; if null, 1, 16, 255 or 65535: the first that no value of the file exceeds, or else
    /// the largest value. So files of one kind are read alike.</summary>
    public float? Divisor { get; init; }

    /// <summary>The names of the classes, in the order of their numbers. If null, those that occur: ascending if all are numbers,
    /// else in ordinal order. Give a test set the training set's.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>The largest number of pixels of all pictures together; each takes up to 12 bytes while they are read.</summary>
    public int MaxPixels { get; init; } = 1 << 28;
}
