// Event files of TensorBoard, which need neither TensorFlow nor a protobuf library: records of TFRecord's framing around three
// kinds of messages of tensorflow/core/util/event.proto, whose few fields are written by hand.

using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using CnnNative.Files;

namespace CnnNative;

/// <summary>Writes numbers over steps as a TensorBoard event file. One thread at a time may use it.</summary>
/// <remarks>TensorBoard shows all event files of a folder as one run. Numbers become float32, as in TensorBoard itself.</remarks>
public sealed class TensorBoardWriter : IDisposable
{
    // Added after rotating, so that the checksum of data that has checksums within is none of those (TFRecord's format).
    private const uint MaskDelta = 0xA282EAD8;

    private static int _files;

    private readonly FileStream _stream;
    private readonly TimeProvider _time;

    /// <summary>Makes an event file.</summary>
    /// <param name="folder">The folder of the run, which is made if it is not there.</param>
    /// <param name="resumeStep">Where a training goes on: TensorBoard then forgets what earlier files of the folder say of this
    /// step and later ones. Null for a new training.</param>
    /// <param name="timeProvider">The clock; that of the system if null.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public TensorBoardWriter(string folder, long? resumeStep = null, TimeProvider? timeProvider = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _time = timeProvider ?? TimeProvider.System;
        Directory.CreateDirectory(folder);

        // TensorBoard knows event files by "tfevents" and reads them in the order of their names, which is that of their seconds.
        string name = string.Create(
            CultureInfo.InvariantCulture,
            $"events.out.tfevents.{_time.GetUtcNow().ToUnixTimeSeconds():D10}.{Environment.MachineName}.{Environment.ProcessId}"
            + $".{Interlocked.Increment(ref _files) - 1}");
        FilePath = Path.Combine(folder, name);
        _stream = new FileStream(FilePath, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete);
        try
        {
            // event.proto: file_version = 3, session_log = 7; of SessionLog: status = 1, whose START is 1.
            WriteEvent(step: 0, new Message().Bytes(3, "brain.Event:2"u8));
            if (resumeStep is { } step)
                WriteEvent(step, new Message().Nested(7, new Message().Integer(1, 1)));
            Flush();
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>The file.</summary>
    public string FilePath { get; }

    /// <summary>Writes a number.</summary>
    /// <param name="tag">The name of its curve; what stands before a slash groups curves, as in "loss/train".</param>
    /// <param name="value">The number.</param>
    /// <param name="step">The step.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void AddScalar(string tag, double value, long step)
    {
        ArgumentNullException.ThrowIfNull(tag);
        WriteEvent(step, new Message().Nested(5, Value(tag, value)));
    }

    /// <summary>Writes an epoch at its step, as "loss/train", "loss/val" and so on, "learning_rate" and "images_per_second", and
    /// flushes it to the disk.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Add(EpochRecord epoch)
    {
        ArgumentNullException.ThrowIfNull(epoch);
        Message summary = Value("learning_rate", epoch.LearningRate).Append(Value("images_per_second", epoch.ImagesPerSecond));
        foreach ((string name, double value) in epoch.Training)
            summary.Append(Value($"{name}/train", value));
        foreach ((string name, double value) in epoch.Validation)
            summary.Append(Value($"{name}/val", value));
        WriteEvent(epoch.Step, new Message().Nested(5, summary));
        Flush();
    }

    /// <summary>Flushes what was written to the disk, where TensorBoard finds it.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Flush() => _stream.Flush(flushToDisk: true);

    /// <summary>Closes the file. Calling it again does nothing.</summary>
    public void Dispose() => _stream.Dispose();

    /// <summary>summary.proto: value = 1; of Summary.Value: tag = 1, simple_value = 2.</summary>
    private static Message Value(string tag, double value) =>
        new Message().Nested(1, new Message().Bytes(1, Encoding.UTF8.GetBytes(tag)).Single(2, (float)value));

    /// <summary>event.proto: wall_time = 1, step = 2, and one field of <paramref name="what"/>.</summary>
    private void WriteEvent(long step, Message what)
    {
        double seconds = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        WriteRecord(new Message().Double(1, seconds).Integer(2, step).Append(what).Content);
    }

    /// <summary>A record: its length, the checksum of the length, the data, the checksum of the data.</summary>
    private void WriteRecord(ReadOnlySpan<byte> data)
    {
        Span<byte> head = stackalloc byte[12], tail = stackalloc byte[4];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], Masked(head[..8]));
        BinaryPrimitives.WriteUInt32LittleEndian(tail, Masked(data));
        _stream.Write([.. head, .. data, .. tail]);
    }

    private static uint Masked(ReadOnlySpan<byte> data)
    {
        uint crc = Crc32C.Compute(data);
        return unchecked(((crc >> 15) | (crc << 17)) + MaskDelta);
    }

    /// <summary>A message of protobuf (https://protobuf.dev/programming-guides/encoding): a tag with the field's number and its
    /// wire type, then the value.</summary>
    private sealed class Message
    {
        private const int Varint = 0, Fixed64 = 1, LengthDelimited = 2, Fixed32 = 5;

        private readonly List<byte> _content = [];

        public ReadOnlySpan<byte> Content => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_content);

        public Message Integer(int field, long value) => Tag(field, Varint).Number((ulong)value);

        public Message Double(int field, double value)
        {
            Span<byte> bytes = stackalloc byte[sizeof(double)];
            BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
            return Tag(field, Fixed64).Raw(bytes);
        }

        public Message Single(int field, float value)
        {
            Span<byte> bytes = stackalloc byte[sizeof(float)];
            BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
            return Tag(field, Fixed32).Raw(bytes);
        }

        public Message Bytes(int field, ReadOnlySpan<byte> value) =>
            Tag(field, LengthDelimited).Number((ulong)value.Length).Raw(value);

        public Message Nested(int field, Message value) => Bytes(field, value.Content);

        public Message Append(Message other) => Raw(other.Content);

        private Message Tag(int field, int wireType) => Number((ulong)((field << 3) | wireType));

        /// <summary>Seven bits a byte, the lowest first; the eighth says that more follow.</summary>
        private Message Number(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
                _content.Add((byte)(value | 0x80));
            _content.Add((byte)value);
            return this;
        }

        private Message Raw(ReadOnlySpan<byte> bytes)
        {
            _content.AddRange(bytes);
            return this;
        }
    }
}
