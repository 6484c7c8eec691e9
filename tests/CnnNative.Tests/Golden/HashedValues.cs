// The inputs that tests and make_operator_golden.py share: both sides compute them from a seed, so no file has to store them.

namespace CnnNative.Tests.Golden;

internal static class HashedValues
{
    /// <summary>Element i is the 32-bit finaliser of MurmurHash3 of i + seed * 0x9E3779B9, whose upper 24 bits are mapped to
    /// [-1, 1); each value is exact in single precision.</summary>
    public static float[] Create(int count, uint seed)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            uint hash = (uint)i + seed * 0x9E3779B9;
            hash ^= hash >> 16;
            hash *= 0x85EBCA6B;
            hash ^= hash >> 13;
            hash *= 0xC2B2AE35;
            hash ^= hash >> 16;
            values[i] = (hash >> 8) / (float)(1 << 23) - 1;
        }

        return values;
    }
}
