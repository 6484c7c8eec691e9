// Comma-separated values (RFC 4180), row by row and without a string per field: pictures have hundreds of fields in a row, and a
// data set has tens of thousands of rows.

namespace CnnNative;

/// <summary>Reads rows of fields; fields may be quoted, with doubled quotes in them, and may span lines.</summary>
internal sealed class CsvReader(TextReader reader, string name) : IDisposable
{
    private const int MaxRow = 1 << 24;

    private readonly char[] _buffer = new char[1 << 15];
    private char[] _text = new char[1 << 12];
    private int[] _ends = new int[64];
    private int _start, _filled, _length, _lines = 1;

    /// <summary>The number of fields of the row.</summary>
    public int Count { get; private set; }

    /// <summary>The line that the row begins on, counted from 1.</summary>
    public int Line { get; private set; }

    /// <summary>A field of the row.</summary>
    public ReadOnlySpan<char> this[int field]
    {
        get
        {
            int start = field == 0 ? 0 : _ends[field - 1];
            return _text.AsSpan(start, _ends[field] - start);
        }
    }

    /// <summary>Reads the next row that is not empty; false at the end.</summary>
    public bool ReadRow()
    {
        while (Peek() >= 0)
        {
            Line = _lines;
            (Count, _length) = (0, 0);
            while (ReadField())
            {
            }

            if (Count > 1 || !this[0].IsWhiteSpace())
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => reader.Dispose();

    /// <summary>Reads a field and what ends it; true if another one follows.</summary>
    private bool ReadField()
    {
        bool quoted = Peek() == '"';
        if (quoted)
        {
            Next();
            ReadQuoted();
        }

        while (true)
        {
            int character = Next();
            switch (character)
            {
                case ',':
                    EndField();
                    return true;
                case '\r' when Peek() == '\n':
                    break;
                case '\n' or -1:
                    EndField();
                    return false;
                default:
                    if (quoted)
                    {
                        throw new InvalidDataException(
                            $"{name}, line {_lines}: '{(char)character}' follows a closing quote, expected a comma.");
                    }

                    Append((char)character);
                    break;
            }
        }
    }

    private void ReadQuoted()
    {
        int line = _lines;
        while (true)
        {
            int character = Next();
            if (character < 0)
            {
                throw new InvalidDataException($"{name}, line {line}: a quote is not closed before the end of the file.");
            }

            if (character == '"')
            {
                if (Peek() != '"')
                {
                    return;
                }

                Next();
            }

            Append((char)character);
        }
    }

    private int Peek()
    {
        if (_start == _filled)
        {
            _start = 0;
            _filled = Fill();
        }

        return _start < _filled ? _buffer[_start] : -1;
    }

    private int Fill()
    {
        try
        {
            return reader.Read(_buffer, 0, _buffer.Length);
        }
        catch (InvalidDataException error)
        {
            throw PackedFile.Corrupt(name, error);
        }
    }

    private int Next()
    {
        int character = Peek();
        _start += character < 0 ? 0 : 1;
        _lines += character == '\n' ? 1 : 0;
        return character;
    }

    private void Append(char character)
    {
        if (_length == _text.Length)
        {
            if (_length >= MaxRow)
            {
                throw new InvalidDataException($"{name}, line {Line}: the row has more than {MaxRow} characters.");
            }

            Array.Resize(ref _text, 2 * _length);
        }

        _text[_length++] = character;
    }

    private void EndField()
    {
        if (Count == _ends.Length)
        {
            Array.Resize(ref _ends, 2 * Count);
        }

        _ends[Count++] = _length;
    }
}
