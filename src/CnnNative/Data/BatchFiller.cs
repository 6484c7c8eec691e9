// What a worker does to one batch: read each sample, augment it, look whether anything can be learnt from it, and mix the batch.
// Each worker has a filler of its own, so that scratch memory needs no lock and is taken once.

using System.Globalization;

namespace CnnNative;

internal sealed class BatchFiller
{
    private readonly DataLoader _loader;
    private readonly Shape _readShape;
    private readonly float[] _read = [], _other = [], _labels = [];

    public BatchFiller(DataLoader loader)
    {
        _loader = loader;
        _readShape = loader.Dataset.Schema.Inputs[0].Shape;
        if (loader.Options.Augmentation is { } augmentation)
        {
            int largest = augmentation.LargestSize(_readShape);
            _read = new float[largest];
            _other = new float[largest];
        }

        if (loader.Options.Mixing is not null)
        {
            _labels = new float[loader.Options.BatchSize];
        }
    }

    /// <summary>Fills a batch; what goes wrong is kept in it, because the consumer shall meet it and not this thread.</summary>
    public void Fill(Batch batch, DataEpoch epoch, int index)
    {
        int size = _loader.Options.BatchSize, first = index * size, sample = _loader.Order[first];
        try
        {
            batch.Begin(epoch.Epoch, index, first, _loader.Order.Slice(first, Math.Min(size, _loader.Order.Length - first)));
            for (int row = 0; row < batch.Count && !epoch.IsAbandoned; row++)
            {
                sample = _loader.Order[first + row];
                FillRow(batch, epoch.Epoch, sample, row, first + row);
            }

            if (_loader.Options.Mixing is { } mixing && !epoch.IsAbandoned)
            {
                var random = SampleRandom.ForBatch(_loader.Options.Seed, epoch.Epoch, index);
                mixing.Mix(batch, _loader.Schema, _labels, ref random);
            }
        }
        catch (Exception error)
        {
            batch.Error = error as DataException ?? Wrap(sample, error);
        }
    }

    private void FillRow(Batch batch, int epoch, int index, int row, long position)
    {
        ISampleRows rows = batch;
        Augmentation? augmentation = _loader.Options.Augmentation;
        Span<float> input = augmentation is null ? rows.InputRow(0, row) : _read.AsSpan(0, (int)_readShape.ElementCount);
        Span<float> target = rows.TargetCount == 0 ? []
            : _labels.Length > 0 ? _labels.AsSpan(row, 1)
            : rows.TargetRow(0, row);
        Sample sample = new(rows, row, input, target);
        if (augmentation is null)
        {
            _loader.Dataset.Read(index, sample);
        }
        else
        {
            // Colours are changed before they are normalised.
            IPixelSource? pixels = _loader.Dataset as IPixelSource;
            if (pixels is null)
            {
                _loader.Dataset.Read(index, sample);
            }
            else
            {
                pixels.ReadPixels(index, sample);
            }

            var random = SampleRandom.ForSample(_loader.Options.Seed, epoch, position);
            augmentation.Apply(_readShape, _read, _other, rows.InputRow(0, row), ref random);
            pixels?.Preprocessing?.Normalize(rows.InputRow(0, row));
        }

        CheckSample(rows, index, row, target);
    }

    private void CheckSample(ISampleRows rows, int index, int row, ReadOnlySpan<float> target)
    {
        DataSchema schema = _loader.Schema;
        for (int i = 0; i < rows.InputCount; i++)
        {
            CheckFinite(rows.InputRow(i, row), index, schema.Inputs[i].Name);
        }

        for (int i = 0; i < rows.TargetCount; i++)
        {
            CheckFinite(i == 0 ? target : rows.TargetRow(i, row), index, schema.Targets[i].Name);
        }

        if (_loader.Dataset.Schema.ClassNames is { } names
            && (target[0] < 0 || target[0] >= names.Count || target[0] != MathF.Floor(target[0])))
        {
            throw Refuse(index, string.Create(
                CultureInfo.InvariantCulture, $"its label is {target[0]}, expected a whole number from 0 to {names.Count - 1}"));
        }
    }

    private void CheckFinite(ReadOnlySpan<float> values, int index, string field)
    {
        int place = FiniteValues.IndexOfOther(values);
        if (place >= 0)
        {
            throw Refuse(index, string.Create(
                CultureInfo.InvariantCulture, $"value {place} of its {field} is {values[place]}, expected finite numbers"));
        }
    }

    private DataException Refuse(int index, string problem)
    {
        string name = NameOf(index);
        return new DataException($"{Title(index, name)}: {problem}.", index, name);
    }

    private DataException Wrap(int index, Exception error)
    {
        string name = NameOf(index);

        // Readers of files begin with the file's name already.
        string message = error.Message.Contains(name, StringComparison.Ordinal)
            ? $"Sample {index}: {error.Message}"
            : $"{Title(index, name)}: {error.Message}";
        return new DataException(message, index, name, error);
    }

    /// <summary>A name may come from a data set of anyone's; that must not end the thread.</summary>
    private string NameOf(int index)
    {
        try
        {
            return _loader.Dataset.NameOf(index);
        }
        catch (Exception)
        {
            return $"sample {index}";
        }
    }

    private static string Title(int index, string name) =>
        name == $"sample {index}" ? $"Sample {index}" : $"Sample {index}, {name}";
}
