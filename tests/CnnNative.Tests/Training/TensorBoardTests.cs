// Event files: read again by a reader of their own, and compared byte by byte with a record made by hand from the definitions.

using System.Buffers.Binary;
using System.Text;
using CnnNative.Tests.Imaging;

namespace CnnNative.Tests.Training;

public sealed class TensorBoardTests
{
    private static readonly Clock _clock = new();

    [Fact]
    public void A_file_starts_with_its_version_and_has_the_numbers_of_an_epoch()
    {
        using TemporaryFolder folder = new();
        string path;
        using (TensorBoardWriter writer = new(Path.Combine(folder.FullName, "run"), timeProvider: _clock))
        {
            path = writer.FilePath;
            writer.Add(TrainingHistoryTests.Epoch(3, new() { ["loss"] = 0.25, ["ü"] = double.NaN }, new() { ["loss"] = 2 }));
            writer.AddScalar("weights/conv1", -1e300, step: -1);
        }

        Event[] events = Read(path);
        Assert.All(events, record => Assert.Equal(1234567890.5, record.Time));
        Assert.Equal(["brain.Event:2", null, null], events.Select(record => record.Version));
        Assert.Equal([0, 300, -1], events.Select(record => record.Step));
        Assert.Equal(
            [
                ("learning_rate", (float)(0.001 / 3)), ("images_per_second", 2000.25f), ("loss/train", 0.25f), ("ü/train", float.NaN),
                ("loss/val", 2f),
            ],
            events[1].Values);
        Assert.Equal([("weights/conv1", float.NegativeInfinity)], events[2].Values);
    }

    [Fact]
    public void A_resumed_run_tells_TensorBoard_to_forget_later_steps()
    {
        using TemporaryFolder folder = new();
        using TensorBoardWriter first = new(folder.FullName, timeProvider: _clock);
        using TensorBoardWriter second = new(folder.FullName, resumeStep: 70_000, timeProvider: _clock);

        Assert.NotEqual(first.FilePath, second.FilePath);
        Assert.Single(Read(first.FilePath));
        Event start = Read(second.FilePath)[1];
        Assert.Equal((70_000L, 1ul), (start.Step, start.SessionStatus));
    }

    [Fact]
    public void Every_epoch_is_on_the_disk_at_once()
    {
        using TemporaryFolder folder = new();
        using TensorBoardWriter writer = new(folder.FullName, timeProvider: _clock);
        for (int epoch = 1; epoch <= 3; epoch++)
        {
            writer.Add(TrainingHistoryTests.Epoch(epoch, [], []));
            Assert.Equal(epoch + 1, Read(writer.FilePath).Length);
        }
    }

    // A record with 26 bytes of data: length, masked checksum, wall_time = 1234567890.5 (field 1, a double), file_version = "brain.Event:2"
    // (field 3, a text), masked checksum. Step 0 is written, though protobuf would leave it out; readers take both.
    [Fact]
    public void The_first_record_has_the_bytes_of_the_definitions()
    {
        using TemporaryFolder folder = new();
        using TensorBoardWriter writer = new(folder.FullName, timeProvider: _clock);

        byte[] time = new byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(time, 1234567890.5);
        byte[] data = [0x09, .. time, 0x10, 0x00, 0x1A, 13, .. "brain.Event:2"u8];
        byte[] length = [(byte)data.Length, 0, 0, 0, 0, 0, 0, 0];
        byte[] expected = [.. length, .. Masked(length), .. data, .. Masked(data)];
        Assert.Equal(expected, Content(writer.FilePath));
    }

    [Fact]
    public void The_name_is_one_that_TensorBoard_looks_for()
    {
        using TemporaryFolder folder = new();
        using TensorBoardWriter writer = new(folder.FullName, timeProvider: _clock);

        Assert.StartsWith("events.out.tfevents.1234567890.", Path.GetFileName(writer.FilePath), StringComparison.Ordinal);
    }

    /// <summary>Reads a file as TensorBoard does, and checks every checksum.</summary>
    private static Event[] Read(string path)
    {
        List<Event> events = [];
        for (ReadOnlySpan<byte> rest = Content(path); rest.Length > 0;)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(rest);
            Assert.Equal(Masked(rest[..8]), rest.Slice(8, 4).ToArray());
            ReadOnlySpan<byte> data = rest.Slice(12, length);
            Assert.Equal(Masked(data), rest.Slice(12 + length, 4).ToArray());
            events.Add(ReadEvent(data.ToArray()));
            rest = rest[(16 + length)..];
        }

        return [.. events];
    }

    private static Event ReadEvent(byte[] data)
    {
        Event result = new(0, 0, null, 0, []);
        foreach ((int field, object value) in Fields(data))
        {
            result = field switch
            {
                1 => result with { Time = (double)value },
                2 => result with { Step = (long)(ulong)value },
                3 => result with { Version = Encoding.UTF8.GetString((byte[])value) },
                5 => result with { Values = [.. Fields((byte[])value).Select(pair => ReadValue((byte[])pair.Value))] },
                7 => result with { SessionStatus = (ulong)Assert.Single(Fields((byte[])value)).Value },
                _ => throw new InvalidDataException($"An event has the field {field}."),
            };
        }

        return result;
    }

    private static (string Tag, float Value) ReadValue(byte[] data)
    {
        (int Field, object Value)[] fields = [.. Fields(data)];
        Assert.Equal([1, 2], fields.Select(pair => pair.Field));
        return (Encoding.UTF8.GetString((byte[])fields[0].Value), (float)fields[1].Value);
    }

    /// <summary>The fields of a protobuf message: double, float, whole number or bytes, by their wire types.</summary>
    private static IEnumerable<(int Field, object Value)> Fields(byte[] data)
    {
        for (int at = 0; at < data.Length;)
        {
            ulong tag = Varint(data, ref at);
            int start = at;
            switch (tag & 7)
            {
                case 0:
                    yield return ((int)(tag >> 3), Varint(data, ref at));
                    break;
                case 1:
                    at += 8;
                    yield return ((int)(tag >> 3), BinaryPrimitives.ReadDoubleLittleEndian(data.AsSpan(start)));
                    break;
                case 2:
                    int length = (int)Varint(data, ref at);
                    at += length;
                    yield return ((int)(tag >> 3), data[(at - length)..at]);
                    break;
                case 5:
                    at += 4;
                    yield return ((int)(tag >> 3), BinaryPrimitives.ReadSingleLittleEndian(data.AsSpan(start)));
                    break;
                default:
                    throw new InvalidDataException($"A field has the wire type {tag & 7}.");
            }
        }
    }

    private static ulong Varint(byte[] data, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = data[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }

    /// <summary>CRC-32C bit by bit, then rotated right by 15 and 0xA282EAD8 added.</summary>
    private static byte[] Masked(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
        }

        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, unchecked(uint.RotateRight(~crc, 15) + 0xA282EAD8));
        return bytes;
    }

    private static byte[] Content(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private sealed record Event(double Time, long Step, string? Version, ulong SessionStatus, (string Tag, float Value)[] Values);

    private sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddSeconds(1234567890.5);
    }
}
