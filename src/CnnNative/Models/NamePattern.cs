// Patterns by which parameters are chosen by name: to freeze them, or to train them in a group of their own.

namespace CnnNative.Models;

/// <summary>Matches names such as "block1.conv2.weight" with patterns such as "block1", "block*" or "*.bias".</summary>
internal static class NamePattern
{
    /// <summary>Whether a pattern fits a name, or a scope that the name stands in. A star stands for any letters, dots included,
    /// and a question mark for one.</summary>
    public static bool Matches(string pattern, string name)
    {
        for (int end = name.Length; end > 0; end = name.LastIndexOf('.', end - 1))
        {
            if (Fits(pattern, name.AsSpan(0, end)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The usual match of wildcards: at a mismatch, the last star takes one letter more.</summary>
    private static bool Fits(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        int p = 0, n = 0, star = -1, resume = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, resume) = (p++, n);
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == name[n]))
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++resume;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].Trim('*').IsEmpty;
    }
}
