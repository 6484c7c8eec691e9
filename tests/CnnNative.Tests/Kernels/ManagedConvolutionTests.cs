// The managed convolution against the definition, over a sweep of geometries that nobody would write down one by one: sizes
// that leave a remainder in every loop, windows that see little or nothing of the input, and all kinds of groups.

using System.Buffers;
using CnnNative.Kernels;
using CnnNative.Kernels.Managed;
using CnnNative.Tests.Golden;

namespace CnnNative.Tests.Kernels;

public class ManagedConvolutionTests
{
    private const int GeometriesPerRow = 120;

    /// <summary>Input channels, output channels, groups.</summary>
    public static TheoryData<int, int, int> Channels => new()
    {
        { 1, 1, 1 }, { 1, 8, 1 }, { 3, 5, 1 }, { 16, 1, 1 }, { 17, 33, 1 }, { 7, 16, 1 },
        { 6, 12, 3 }, { 4, 68, 2 }, { 34, 2, 2 }, { 5, 10, 5 }, { 6, 3, 3 },
        { 2, 2, 2 }, { 8, 8, 8 }, { 19, 19, 19 }, { 300, 300, 300 },
    };

    [Theory]
    [MemberData(nameof(Channels))]
    public void A_convolution_of_any_geometry_equals_its_definition(int inputChannels, int outputChannels, int groups)
    {
        var random = new Random(1000 * inputChannels + outputChannels);
        for (int i = 0; i < GeometriesPerRow; i++)
        {
            var geometry = new Conv2dGeometry(
                random.Next(1, 3), RandomAxis(random), RandomAxis(random), inputChannels, outputChannels, groups);
            AssertEqualsDefinition(geometry, seed: (uint)i, withBias: i % 2 == 0);
        }
    }

    [Theory]
    [InlineData(1, 1, 1, 3)]
    [InlineData(96, 40, 1, 3)]
    [InlineData(24, 24, 24, 5)]
    [InlineData(256, 96, 1, 1)]
    public void A_picture_larger_than_one_tile_equals_the_definition(int inputs, int outputs, int groups, int window)
    {
        WindowAxis axis = Geometries.Axis(21, window, stride: 1, dilation: 1, before: window / 2, after: window / 2);
        AssertEqualsDefinition(new Conv2dGeometry(1, axis, axis, inputs, outputs, groups), seed: 77, withBias: true);
    }

    [Theory]
    [InlineData(3, 5, 1)]
    [InlineData(3, 3, 3)]
    public void What_earlier_work_left_in_the_array_pool_does_not_reach_the_result(int inputs, int outputs, int groups)
    {
        for (int length = 16; length <= 1 << 16; length *= 2)
        {
            float[] rented = ArrayPool<float>.Shared.Rent(length);
            Array.Fill(rented, float.NaN);
            ArrayPool<float>.Shared.Return(rented);
        }

        WindowAxis axis = Geometries.Axis(9, 3, stride: 2, dilation: 1, before: 1, after: 1);
        AssertEqualsDefinition(new Conv2dGeometry(1, axis, axis, inputs, outputs, groups), seed: 5, withBias: true);
    }

    [Fact]
    public void The_same_convolution_gives_the_same_bits_every_time()
    {
        WindowAxis axis = Geometries.Axis(13, 3, stride: 1, dilation: 1, before: 1, after: 1);
        var geometry = new Conv2dGeometry(1, axis, axis, 24, 20, 1);
        float[] input = HashedValues.Create(13 * 13 * 24, 1);
        float[] weights = HashedValues.Create(20 * 9 * 24, 2);
        var first = new float[13 * 13 * 20];
        var second = new float[13 * 13 * 20];
        ManagedConvolution.Run(geometry, input, weights, [], Activation.Relu, first);
        ManagedConvolution.Run(geometry, input, weights, [], Activation.Relu, second);
        Assert.Equal(first, second);
    }

    /// <summary>An axis with at least one window position; the window may be larger than the input or lie wholly in the padding.
    /// </summary>
    private static WindowAxis RandomAxis(Random random)
    {
        while (true)
        {
            int input = random.Next(1, 12);
            int window = random.Next(1, 6);
            int dilation = random.Next(1, 4);
            int before = random.Next(0, 5);
            int after = random.Next(0, 5);
            if (input + before + after > (window - 1) * dilation)
                return Geometries.Axis(input, window, random.Next(1, 4), dilation, before, after);
        }
    }

    private static void AssertEqualsDefinition(in Conv2dGeometry geometry, uint seed, bool withBias)
    {
        int depth = geometry.Vertical.Window * geometry.Horizontal.Window * (geometry.InputChannels / geometry.Groups);
        int inputLength = geometry.Batch * geometry.Vertical.Input * geometry.Horizontal.Input * geometry.InputChannels;
        float[] input = HashedValues.Create(inputLength, 3 * seed);
        float[] weights = HashedValues.Create(geometry.OutputChannels * depth, 3 * seed + 1);
        float[] bias = withBias ? HashedValues.Create(geometry.OutputChannels, 3 * seed + 2) : [];

        (double[] expected, double[] magnitudes) = ReferenceConvolution.Run(geometry, input, weights, bias);
        var actual = new float[expected.Length];
        Array.Fill(actual, float.NaN);
        ManagedConvolution.Run(geometry, input, weights, bias, Activation.None, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            double tolerance = GoldenTolerance.ProductSum(depth, magnitudes[i]);
            Assert.True(
                GoldenTolerance.IsWithin(expected[i], actual[i], tolerance),
                $"Element {i} is {actual[i]:R}, the definition gives {expected[i]:R}, tolerance {tolerance:G3}; {geometry}.");
        }
    }
}
