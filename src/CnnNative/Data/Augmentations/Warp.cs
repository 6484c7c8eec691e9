// One bilinear resampling for all neighbouring geometric steps. The picture gets a border of its own first, so that the inner
// loop reads four neighbours without asking whether they exist: a 28x28 digit takes a few microseconds.

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CnnNative;

/// <summary>The steps between two others that do not move pixels.</summary>
internal sealed class Warp(GeometricStep[] steps) : AugmentationStep
{
    private static readonly Vector256<float> _lanes = Vector256.Create(0f, 1, 2, 3, 4, 5, 6, 7);

    public override bool Apply(Shape shape, Span<float> image, Span<float> destination, ref SampleRandom random) =>
        Apply(steps, shape, image, destination, ref random);

    public static bool Apply(
        ReadOnlySpan<GeometricStep> steps, Shape shape, ReadOnlySpan<float> image, Span<float> destination,
        ref SampleRandom random)
    {
        // Displacements of a pixel come first on the way from the result to the picture, so one field serves all steps.
        int plane = shape[0] * shape[1];
        bool elastic = false;
        AffineMap map = AffineMap.Identity;
        foreach (GeometricStep step in steps)
        {
            map = map.After(step.DrawMap(shape, ref random));
            elastic |= step.HasDisplacements;
        }

        if (!elastic)
        {
            Resample(map, steps[0].Border, shape, image, destination, [], []);
            return true;
        }

        float[] field = ArrayPool<float>.Shared.Rent(2 * plane);
        Span<float> x = field.AsSpan(0, plane), y = field.AsSpan(plane, plane);
        x.Clear();
        y.Clear();
        foreach (GeometricStep step in steps)
        {
            step.AddDisplacements(shape, x, y, ref random);
        }

        Resample(map, steps[0].Border, shape, image, destination, x, y);
        ArrayPool<float>.Shared.Return(field);
        return true;
    }

    private static void Resample(
        in AffineMap map, PixelBorder border, Shape shape, ReadOnlySpan<float> image, Span<float> result,
        ReadOnlySpan<float> moveX, ReadOnlySpan<float> moveY)
    {
        // One row and column before the picture, two behind: the last place of all still has a right and a lower neighbour.
        int height = shape[0], width = shape[1], channels = shape[2], stride = (width + 3) * channels;
        // One value more, because colours are read as four.
        float[] rented = ArrayPool<float>.Shared.Rent((height + 3) * stride + 1);
        Span<float> source = rented.AsSpan(0, (height + 3) * stride);
        Surround(image, height, width, channels, border, source);

        int lanes = (width + 7) / 8 * 8;
        float[] places = ArrayPool<float>.Shared.Rent(2 * lanes + 8);
        Span<float> x = places.AsSpan(0, lanes), y = places.AsSpan(lanes, lanes);
        float middleX = (width - 1) * 0.5f, middleY = (height - 1) * 0.5f;
        AffineMap toPixels = map with
        {
            X0 = map.X0 + middleX - map.Xx * middleX - map.Xy * middleY,
            Y0 = map.Y0 + middleY - map.Yx * middleX - map.Yy * middleY,
        };
        for (int row = 0; row < height; row++)
        {
            ReadOnlySpan<float> dx = moveX.IsEmpty ? [] : moveX.Slice(row * width, width);
            ReadOnlySpan<float> dy = moveY.IsEmpty ? [] : moveY.Slice(row * width, width);
            Place(toPixels, row, x, y, dx, dy);
            Hold(x, width, border);
            Hold(y, height, border);
            Span<float> output = result.Slice(row * width * channels, width * channels);
            switch (channels)
            {
                case 1:
                    ReadGray(source, stride, x, y, output);
                    break;
                case 3:
                    ReadRgb(source, stride, x, y, output);
                    break;
                default:
                    ReadChannels(source, stride, channels, x, y, output);
                    break;
            }
        }

        ArrayPool<float>.Shared.Return(rented);
        ArrayPool<float>.Shared.Return(places);
    }

    /// <summary>Copies the picture into its border.</summary>
    private static void Surround(
        ReadOnlySpan<float> image, int height, int width, int channels, PixelBorder border, Span<float> source)
    {
        int stride = (width + 3) * channels, length = width * channels;
        for (int y = -1; y < height + 2; y++)
        {
            Span<float> row = source.Slice((y + 1) * stride, stride);
            if (border == PixelBorder.Zero && (y < 0 || y >= height))
            {
                row.Clear();
                continue;
            }

            ReadOnlySpan<float> pixels = image.Slice(Math.Clamp(y, 0, height - 1) * length, length);
            pixels.CopyTo(row[channels..]);
            for (int channel = 0; channel < channels; channel++)
            {
                bool zero = border == PixelBorder.Zero;
                row[channel] = zero ? 0 : pixels[channel];
                float last = zero ? 0 : pixels[length - channels + channel];
                row[length + channels + channel] = row[length + 2 * channels + channel] = last;
            }
        }
    }

    /// <summary>Where the pixels of a row come from.</summary>
    private static void Place(
        in AffineMap map, int row, Span<float> x, Span<float> y, ReadOnlySpan<float> moveX, ReadOnlySpan<float> moveY)
    {
        float startX = map.Xy * row + map.X0, startY = map.Yy * row + map.Y0;
        for (int i = 0; i < x.Length; i += 8)
        {
            Vector256<float> column = _lanes + Vector256.Create((float)i);
            Vector256<float> atX = Vector256.Create(startX) + Vector256.Create(map.Xx) * column;
            Vector256<float> atY = Vector256.Create(startY) + Vector256.Create(map.Yx) * column;
            atX.CopyTo(x[i..]);
            atY.CopyTo(y[i..]);
        }

        for (int i = 0; i < moveX.Length; i++)
        {
            x[i] += map.Xx * moveX[i] + map.Xy * moveY[i];
            y[i] += map.Yx * moveX[i] + map.Yy * moveY[i];
        }
    }

    /// <summary>Brings places into the picture with its border, counted from the border's first pixel.</summary>
    private static void Hold(Span<float> places, int length, PixelBorder border)
    {
        Vector256<float> last = Vector256.Create(length - 1f), period = Vector256.Create(Math.Max(1f, 2f * (length - 1)));
        for (int i = 0; i < places.Length; i += 8)
        {
            Vector256<float> place = Vector256.Create<float>(places[i..]);
            if (border == PixelBorder.Reflect)
            {
                place = Vector256.Abs(place);
                place -= period * Vector256.Floor(place / period);
                place = Vector256.Min(place, period - place);
            }

            place = Vector256.Min(Vector256.Max(place, Vector256.Create(-1f)), last + Vector256<float>.One);
            (place + Vector256<float>.One).CopyTo(places[i..]);
        }
    }

    private static void ReadGray(
        ReadOnlySpan<float> source, int stride, ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> output)
    {
        ref float pixels = ref MemoryMarshal.GetReference(source);
        for (int i = 0; i < output.Length; i++)
        {
            int column = (int)x[i], row = (int)y[i];
            float right = x[i] - column, down = y[i] - row;
            ref float corner = ref Unsafe.Add(ref pixels, row * stride + column);
            float upper = corner + right * (Unsafe.Add(ref corner, 1) - corner);
            ref float below = ref Unsafe.Add(ref corner, stride);
            float lower = below + right * (Unsafe.Add(ref below, 1) - below);
            output[i] = upper + down * (lower - upper);
        }
    }

    /// <summary>A pixel is a vector whose last lane is for nothing: the next pixel overwrites it, and the last one is
    /// apart.</summary>
    private static void ReadRgb(
        ReadOnlySpan<float> source, int stride, ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> output)
    {
        ref float pixels = ref MemoryMarshal.GetReference(source);
        int last = output.Length / 3 - 1;
        for (int i = 0; i < last; i++)
        {
            int column = (int)x[i], row = (int)y[i];
            Vector128<float> right = Vector128.Create(x[i] - column), down = Vector128.Create(y[i] - row);
            ref float corner = ref Unsafe.Add(ref pixels, row * stride + 3 * column);
            ref float below = ref Unsafe.Add(ref corner, stride);
            Vector128<float> a = Vector128.LoadUnsafe(ref corner), b = Vector128.LoadUnsafe(ref corner, 3);
            Vector128<float> c = Vector128.LoadUnsafe(ref below), d = Vector128.LoadUnsafe(ref below, 3);
            Vector128<float> upper = a + right * (b - a), lower = c + right * (d - c);
            (upper + down * (lower - upper)).CopyTo(output[(3 * i)..]);
        }

        ReadChannels(source, stride, 3, x[last..], y[last..], output[(3 * last)..]);
    }

    private static void ReadChannels(
        ReadOnlySpan<float> source, int stride, int channels, ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> output)
    {
        ref float pixels = ref MemoryMarshal.GetReference(source);
        for (int i = 0; i < output.Length / channels; i++)
        {
            int column = (int)x[i], row = (int)y[i];
            float right = x[i] - column, down = y[i] - row;
            ref float corner = ref Unsafe.Add(ref pixels, row * stride + column * channels);
            for (int channel = 0; channel < channels; channel++)
            {
                ref float above = ref Unsafe.Add(ref corner, channel);
                ref float below = ref Unsafe.Add(ref above, stride);
                float upper = above + right * (Unsafe.Add(ref above, channels) - above);
                float lower = below + right * (Unsafe.Add(ref below, channels) - below);
                output[i * channels + channel] = upper + down * (lower - upper);
            }
        }
    }
}
