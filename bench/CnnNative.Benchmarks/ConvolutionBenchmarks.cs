// Prepared convolutions forward and backward, and matrix products, on shapes of networks that people run: what a layer of a graph
// or a step of a training loop costs on either kernel set with one thread. The managed plans sum in double precision.

using BenchmarkDotNet.Attributes;
using CnnNative.Kernels;

namespace CnnNative.Benchmarks;

/// <summary>Plans that were made and packed before.</summary>
public class ConvolutionBenchmarks : KernelBenchmarks
{
    private Layer _conv3x3 = null!;
    private Layer _conv1x1 = null!;
    private Layer _depthwise = null!;
    private Layer _linear = null!;
    private Product _product = null!;
    private Product _transposed = null!;
    private Product _packed = null!;

    [Benchmark(Description = "3x3, 28x28x128 to 128: forward")]
    public void Conv3x3() => _conv3x3.Forward();

    [Benchmark(Description = "3x3, 28x28x128 to 128: by input")]
    public void Conv3x3ByInput() => _conv3x3.ByInput();

    [Benchmark(Description = "3x3, 28x28x128 to 128: by weights")]
    public void Conv3x3ByWeights() => _conv3x3.ByWeights();

    [Benchmark(Description = "3x3, 28x28x128 to 128: both packings")]
    public void Conv3x3Pack() => _conv3x3.Pack();

    [Benchmark(Description = "1x1, 14x14x256 to 1024: forward")]
    public void Conv1x1() => _conv1x1.Forward();

    [Benchmark(Description = "1x1, 14x14x256 to 1024: by input")]
    public void Conv1x1ByInput() => _conv1x1.ByInput();

    [Benchmark(Description = "1x1, 14x14x256 to 1024: by weights")]
    public void Conv1x1ByWeights() => _conv1x1.ByWeights();

    [Benchmark(Description = "3x3 depthwise, 28x28x128: forward")]
    public void Depthwise() => _depthwise.Forward();

    [Benchmark(Description = "3x3 depthwise, 28x28x128: by input")]
    public void DepthwiseByInput() => _depthwise.ByInput();

    [Benchmark(Description = "3x3 depthwise, 28x28x128: by weights")]
    public void DepthwiseByWeights() => _depthwise.ByWeights();

    [Benchmark(Description = "linear 1024 to 256, 32 rows: forward")]
    public void Linear() => _linear.Forward();

    [Benchmark(Description = "linear 1024 to 256, 32 rows: by input")]
    public void LinearByInput() => _linear.ByInput();

    [Benchmark(Description = "linear 1024 to 256, 32 rows: by weights")]
    public void LinearByWeights() => _linear.ByWeights();

    [Benchmark(Description = "linear 1024 to 256: both packings")]
    public void LinearPack() => _linear.Pack();

    [Benchmark(Description = "matrix product 256 x 256 x 256")]
    public void MatrixProduct() => _product.Run();

    [Benchmark(Description = "matrix product 256 x 256 x 256, both transposed")]
    public void MatrixProductTransposed() => _transposed.Run();

    [Benchmark(Description = "matrix product 256 x 256 x 256, packed")]
    public void MatrixProductPacked() => _packed.Run();

    /// <inheritdoc/>
    protected override void MakeTensors()
    {
        WindowAxis window = new(Input: 28, Window: 3, Stride: 1, Dilation: 1, PaddingBefore: 1, PaddingAfter: 1, Output: 28);
        WindowAxis pixel = new(Input: 14, Window: 1, Stride: 1, Dilation: 1, PaddingBefore: 0, PaddingAfter: 0, Output: 14);
        _conv3x3 = new Layer(this, new Conv2dGeometry(1, window, window, 128, 128, 1));
        _conv1x1 = new Layer(this, new Conv2dGeometry(1, pixel, pixel, 256, 1024, 1));
        _depthwise = new Layer(this, new Conv2dGeometry(1, window, window, 128, 128, 128));
        _linear = new Layer(this, Conv2dGeometry.Linear(32, 1024, 256));
        _product = new Product(this, new MatrixProductGeometry(256, 256, 256), packed: false);
        _transposed = new Product(
            this, new MatrixProductGeometry(256, 256, 256, TransposeLeft: true, TransposeRight: true), packed: false);
        _packed = new Product(this, new MatrixProductGeometry(256, 256, 256), packed: true);
    }

    /// <summary>A convolution with its gradients; both plans have packed their weights.</summary>
    private sealed class Layer
    {
        private readonly Tensor _input;
        private readonly Tensor _output;
        private readonly Tensor _weights;
        private readonly Tensor _bias;
        private readonly IConv2dPlan _forward;
        private readonly IConv2dPlan _backward;

        public Layer(ConvolutionBenchmarks owner, in Conv2dGeometry geometry)
        {
            _input = owner.Uniform(geometry.InputPixels * geometry.InputChannels);
            _output = owner.Uniform(geometry.OutputPixels * geometry.OutputChannels);
            _weights = owner.Uniform(geometry.WeightsLength);
            _bias = owner.Uniform(geometry.OutputChannels);
            _forward = owner.Own(owner.Kernels.PrepareConv2d(in geometry, Activation.Relu));
            _backward = owner.Own(owner.Kernels.PrepareConv2dTranspose(in geometry));
            Pack();
        }

        public void Pack()
        {
            _forward.Pack(_weights, _bias);
            _backward.Pack(_weights, null);
        }

        public void Forward() => _forward.Run(_input, null, _output);

        public void ByInput() => _backward.Run(_output, null, _input);

        public void ByWeights() => _forward.BackwardWeights(_input, _output, accumulate: false, _weights, _bias);
    }

    /// <summary>A matrix product with its matrices.</summary>
    private sealed class Product
    {
        private readonly Tensor _left;
        private readonly Tensor _right;
        private readonly Tensor _output;
        private readonly IMatrixProductPlan _plan;
        private readonly bool _packed;

        public Product(ConvolutionBenchmarks owner, in MatrixProductGeometry geometry, bool packed)
        {
            _left = owner.Uniform(geometry.Rows * geometry.Depth);
            _right = owner.Uniform(geometry.Depth * geometry.Columns);
            _output = owner.Uniform(geometry.Rows * geometry.Columns);
            MatrixProductOptions options = new(PackedRight: packed);
            _plan = owner.Own(owner.Kernels.PrepareMatrixProduct(in geometry, options: options));
            _packed = packed;
            if (packed)
                _plan.Pack(_right);
        }

        public void Run() => _plan.Run(_left, _packed ? null : _right, null, null, _output);
    }
}
