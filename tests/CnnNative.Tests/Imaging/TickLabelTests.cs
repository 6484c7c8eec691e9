// The numbers beside an axis have to be different where the ticks are, and short all the same.

using CnnNative.Imaging;

namespace CnnNative.Tests.Imaging;

public sealed class TickLabelTests
{
    [Theory]
    [InlineData(0, 1, new[] { 0, 0.25, 0.5, 1 }, "0 0.25 0.5 1")]
    [InlineData(0, 1, new[] { 0.1 + 0.2, 0.7000000001 }, "0.3 0.7")]
    [InlineData(-200, 100, new[] { -200.0, -50, 0 }, "-200 -50 0")]
    [InlineData(0, 123456, new[] { 50000.0, 100000 }, "50000 100000")]
    [InlineData(1000.1, 1000.2, new[] { 1000.1, 1000.15, 1000.2 }, "1000.1 1000.15 1000.2")]
    [InlineData(0, 0.0005, new[] { 0, 0.0001, 0.00025 }, "0 0.0001 0.00025")]
    [InlineData(0, 1e-30, new[] { 0, 5e-31, 1e-30 }, "0 5e-31 1e-30")]
    [InlineData(-1e-6, 1e-6, new[] { -5e-7, 1e-25, 5e-7 }, "-5e-7 0 5e-7")]
    [InlineData(1e20, 2e20, new[] { 1e20, 1.5e20, 2e20 }, "1e20 1.5e20 2e20")]
    [InlineData(5e6, 5.001e6, new[] { 5e6, 5.0005e6, 5.001e6 }, "5e6 5.0005e6 5.001e6")]
    [InlineData(-1e300, 1e300, new[] { -1e300, 0, 1e300 }, "-1e300 0 1e300")]
    public void Ticks_have_as_many_digits_as_tell_them_apart(double minimum, double maximum, double[] ticks, string expected) =>
        Assert.Equal(expected, string.Join(' ', ticks.Select(TickLabel.For(minimum, maximum))));
}
