// Networks are trained on pictures that Pillow resized, so ours have to be the same, pixel by pixel: the references are Pillow's.

using CnnNative.Imaging;
using CnnNative.Tests.Golden;

namespace CnnNative.Tests.Imaging;

public sealed class ResizeTests
{
    private static readonly Lazy<Dictionary<string, Case>> _cases = new(
        () => GoldenFile.Read<CaseFile>("resize.json").Cases.ToDictionary(item => item.Name));

    public static TheoryData<string> Names => [.. _cases.Value.Keys];

    // The weights are computed in double precision, which is the same on every machine, and applied in whole numbers: there is
    // nothing to tolerate.
    [Theory]
    [MemberData(nameof(Names))]
    public void Resizing_gives_the_pixels_of_Pillow(string name)
    {
        Case item = _cases.Value[name];
        Image image = Pictures.Hashed(item.Width, item.Height, item.Channels, item.Seed, item.Blocks);

        Image resized = image.Resize(item.NewWidth, item.NewHeight, item.Resampling);

        Pictures.AssertEqual(Image.FromPixels(item.Pixels, item.NewWidth, item.NewHeight, item.Channels), resized);
    }

    [Fact]
    public void A_constant_picture_stays_constant_at_every_size()
    {
        Image image = Pictures.Constant(17, 13, 0, 127, 255);
        foreach (Resampling resampling in Enum.GetValues<Resampling>())
        {
            for (int size = 1; size < 40; size += 3)
                Pictures.AssertEqual(Pictures.Constant(size, 40 - size, 0, 127, 255), image.Resize(size, 40 - size, resampling));
        }
    }

    [Fact]
    public void Resizing_leaves_the_original_as_it_was()
    {
        Image image = Pictures.Slope(10, 10);

        image.Resize(10, 10);
        image.Resize(3, 20);

        Pictures.AssertEqual(Pictures.Slope(10, 10), image);
    }

    [Theory]
    [InlineData(0, 5, Resampling.Bilinear, "width")]
    [InlineData(5, -1, Resampling.Bilinear, "height")]
    [InlineData(5, 5, (Resampling)7, "resampling")]
    [InlineData(100_000, 100_000, Resampling.Nearest, "width")]
    [InlineData(int.MaxValue, 1, Resampling.Bilinear, "width")]
    [InlineData(1, int.MaxValue, Resampling.Bilinear, "width")]
    public void An_impossible_size_is_refused(int width, int height, Resampling resampling, string parameter)
    {
        Image image = Pictures.Slope(4, 4);

        ArgumentException error = Assert.Throws<ArgumentOutOfRangeException>(() => image.Resize(width, height, resampling));

        Assert.Equal(parameter, error.ParamName);
    }

    [Theory]
    [InlineData(800_000_000, 1)]
    [InlineData(1, 800_000_000)]
    public void A_side_whose_weights_do_not_fit_is_refused_before_memory_is_taken(int width, int height)
    {
        Image image = Pictures.Constant(2, 2, 9);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<ArgumentOutOfRangeException>(() => image.Resize(width, height));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private sealed record CaseFile(string Pillow, Case[] Cases);

    private sealed record Case(
        string Name, int Width, int Height, int Channels, uint Seed, bool Blocks, int NewWidth, int NewHeight, Resampling Resampling,
        byte[] Pixels);
}
