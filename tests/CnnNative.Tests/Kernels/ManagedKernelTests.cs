// What the golden values cannot show: windows that see nothing, NaN, results written over their inputs, and the special
// functions on their own.

using CnnNative.Kernels;
using CnnNative.Kernels.Managed;
using CnnNative.Tests.Golden;

namespace CnnNative.Tests.Kernels;

public class ManagedKernelTests
{
    public static TheoryData<ActivationKind> ActivationKinds => new(Enum.GetValues<ActivationKind>());

    /// <summary>Correctly rounded by mpmath 1.2 with 50 digits.</summary>
    public static TheoryData<double, double> ErfcValues => new()
    {
        { double.NegativeInfinity, 2 }, { -6, 2 }, { -2.5, 1.999593047982555 }, { -0.5, 1.5204998778130465 },
        { -0.46875, 1.492613473217938 }, { -0.001, 1.0011283787909693 }, { 0, 1 }, { 1e-10, 0.999999999887162 },
        { 0.3, 0.6713732405408726 }, { 0.46875, 0.507386526782062 }, { 0.47, 0.5062549491139179 }, { 1, 0.15729920705028513 },
        { 2, 0.004677734981047266 }, { 3.9, 3.4792248597231765e-08 }, { 4, 1.541725790028002e-08 },
        { 4.1, 6.700027654084919e-09 }, { 6, 2.1519736712498913e-17 }, { 10, 2.088487583762545e-45 },
        { 20, 5.395865611607901e-176 }, { 26, 5.663192408856143e-296 }, { 30, 0 }, { double.PositiveInfinity, 0 },
        { double.NaN, double.NaN },
    };

    /// <summary>Correctly rounded by mpmath 1.2 with 50 digits.</summary>
    public static TheoryData<double, double> ExpMinus1Values => new()
    {
        { double.NegativeInfinity, -1 }, { -1000, -1 }, { -40, -1 }, { -5, -0.9932620530009145 }, { -1, -0.6321205588285577 },
        { -0.1, -0.09516258196404043 }, { -1e-5, -9.999950000166666e-06 }, { -1e-20, -1e-20 }, { 0, 0 }, { 1e-300, 1e-300 },
        { 1e-10, 1.00000000005e-10 }, { 0.001, 0.0010005001667083417 }, { 0.5, 0.6487212707001282 }, { 3, 19.085536923187668 },
        { 1000, double.PositiveInfinity }, { double.PositiveInfinity, double.PositiveInfinity }, { double.NaN, double.NaN },
    };

    [Theory]
    [MemberData(nameof(ErfcValues))]
    public void The_complementary_error_function_keeps_its_relative_accuracy(double x, double expected)
    {
        // exp(-x x) turns the rounding of x x into a relative error of up to x x times 2^-53; the approximations add a few ulp.
        double tolerance = (double.IsFinite(x) ? x * x + 4 : 0) * Math.Pow(2, -52) * expected;
        double actual = SpecialFunctions.Erfc(x);
        Assert.True(GoldenTolerance.IsWithin(expected, actual, tolerance), $"erfc({x:R}) is {actual:R}, expected {expected:R}.");
    }

    [Theory]
    [MemberData(nameof(ExpMinus1Values))]
    public void The_exponential_minus_one_keeps_its_relative_accuracy(double x, double expected)
    {
        // Kahan's method is accurate to a few ulp: one of exp, one of log, and the roundings between them.
        double tolerance = 4 * Math.Pow(2, -52) * Math.Abs(expected);
        double actual = SpecialFunctions.ExpMinus1(x);
        Assert.True(GoldenTolerance.IsWithin(expected, actual, tolerance), $"expm1({x:R}) is {actual:R}, expected {expected:R}.");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    public void Max_pooling_of_a_window_with_NaN_gives_NaN_and_leaves_its_neighbours_alone(int channels)
    {
        WindowAxis axis = Geometries.Axis(input: 4, window: 2, stride: 2, dilation: 1, before: 0, after: 0);
        float[] input = HashedValues.Create(4 * 4 * channels, seed: 8);
        input[(1 * 4 + 1) * channels] = float.NaN;
        var output = new float[2 * 2 * channels];
        ManagedPooling.Max(new Pool2dGeometry(1, axis, axis, channels, false, false), input, output);
        Assert.Equal(0, Array.FindIndex(output, float.IsNaN));
        Assert.Equal(0, Array.FindLastIndex(output, float.IsNaN));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_window_that_sees_nothing_has_the_neutral_result(bool countIncludePad)
    {
        // Dilation 3 over one pixel with padding 2: the window's taps stand at -2 and 1, both outside.
        WindowAxis seesNothing = Geometries.Axis(input: 1, window: 2, stride: 1, dilation: 3, before: 2, after: 1);
        WindowAxis single = Geometries.Axis(input: 1, window: 1, stride: 1, dilation: 1, before: 0, after: 0);
        var geometry = new Pool2dGeometry(1, seesNothing, single, 1, false, countIncludePad);
        var output = new float[1];
        ManagedPooling.Max(geometry, [7f], output);
        Assert.Equal(float.NegativeInfinity, output[0]);
        ManagedPooling.Average(geometry, [7f], output);
        Assert.Equal(0f, output[0]);
    }

    [Theory]
    [MemberData(nameof(ActivationKinds))]
    public void An_activation_may_overwrite_its_input_and_keeps_NaN(ActivationKind kind)
    {
        var activation = new Activation(kind, 0.25f);
        foreach (int length in new[] { 0, 1, 7, 16, 37 })
        {
            float[] values = HashedValues.Create(length, seed: 3);
            if (length > 0)
                values[^1] = float.NaN;
            var separate = new float[length];
            ManagedActivation.Run(activation, values, separate);
            ManagedActivation.Run(activation, values, values);
            Assert.Equal(separate, values);
            Assert.True(length == 0 || float.IsNaN(values[^1]));
        }
    }

    [Fact]
    public void An_unknown_activation_is_refused()
    {
        var unknown = new Activation((ActivationKind)99);
        Assert.Throws<ArgumentOutOfRangeException>(() => ManagedActivation.Run(unknown, [1f], new float[1]));
    }

    [Fact]
    public void Softmax_and_addition_may_overwrite_their_inputs()
    {
        float[] left = HashedValues.Create(3 * 13, seed: 4);
        float[] right = HashedValues.Create(3 * 13, seed: 5);
        var expected = new float[left.Length];

        ManagedElementwise.Add(left, right, Activation.Relu, expected);
        ManagedElementwise.Add(left, right, Activation.Relu, right);
        Assert.Equal(expected, right);
        ManagedSoftmax.Run(3, 13, left, expected);
        ManagedSoftmax.Run(3, 13, left, left);
        Assert.Equal(expected, left);
    }

    [Fact]
    public void Copied_rows_stand_at_their_offsets_and_nothing_else_changes()
    {
        float[] source = [0, 1, 2, 3, 4, 5, 6, 7];
        float[] destination = [-1, -1, -1, -1, -1, -1, -1, -1];
        ManagedElementwise.CopyRows(
            rows: 2, rowLength: 2,
            source, sourceOffset: 1, sourceStride: 4,
            destination, destinationOffset: 3, destinationStride: 3);
        Assert.Equal([-1f, -1, -1, 1, 2, -1, 5, 6], destination);
    }
}
