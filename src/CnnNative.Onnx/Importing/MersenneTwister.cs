// The generator of random numbers that ONNX's reference implementation uses through NumPy, so that its masks come out the same.
// Source: Matsumoto and Nishimura 1998, "Mersenne Twister", with the seeding and the 53-bit doubles of the authors' 2002 version.

namespace CnnNative.Onnx.Importing;

/// <summary>MT19937.</summary>
internal sealed class MersenneTwister
{
    private const int Size = 624, Middle = 397;
    private readonly uint[] _state = new uint[Size];
    private int _next = Size;

    /// <summary>Starts a sequence.</summary>
    public MersenneTwister(uint seed)
    {
        _state[0] = seed;
        for (uint i = 1; i < Size; i++)
        {
            _state[i] = 1812433253u * (_state[i - 1] ^ _state[i - 1] >> 30) + i;
        }
    }

    /// <summary>A number from 0 to 1, 1 not included.</summary>
    public double NextDouble()
    {
        uint high = Next() >> 5, low = Next() >> 6;
        return (high * 67108864.0 + low) / 9007199254740992.0;
    }

    private uint Next()
    {
        if (_next == Size)
        {
            Twist();
        }

        uint value = _state[_next++];
        value ^= value >> 11;
        value ^= value << 7 & 0x9D2C5680;
        value ^= value << 15 & 0xEFC60000;
        return value ^ value >> 18;
    }

    private void Twist()
    {
        for (int i = 0; i < Size; i++)
        {
            uint pair = (_state[i] & 0x80000000) | (_state[(i + 1) % Size] & 0x7FFFFFFF);
            _state[i] = _state[(i + Middle) % Size] ^ pair >> 1 ^ ((pair & 1) != 0 ? 0x9908B0DF : 0);
        }

        _next = 0;
    }
}
