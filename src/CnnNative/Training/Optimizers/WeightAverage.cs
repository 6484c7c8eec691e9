// An exponential moving average of all weights, which often does better than the weights of any one step: noise cancels in it
// (Polyak and Juditsky 1992; Tarvainen and Valpola 2017 for networks).

using CnnNative.Graphs;
using CnnNative.Kernels;

namespace CnnNative
{
    /// <summary>An exponential moving average of the weights and running statistics: average = decay average + (1 - decay)
    /// weights after each step. Validation uses it, and a finished training leaves it in the model.</summary>
    /// <param name="Decay">How much of the average is kept in each step; at least 0 and less than 1.</param>
    public sealed record ExponentialMovingAverage(double Decay = 0.999)
    {
        /// <summary>Whether the first steps use less: min(decay, (1 + step) / (10 + step)), so that the average soon forgets the
        /// weights that training began with.</summary>
        public bool WarmUp { get; init; } = true;

        internal double DecayAt(long step) => WarmUp ? Math.Min(Decay, (1.0 + step) / (10.0 + step)) : Decay;

        internal void Check()
        {
            if (!(Decay >= 0 && Decay < 1))
            {
                throw new ArgumentException($"ExponentialMovingAverage: decay is {Decay}, expected at least 0 and less than 1.");
            }
        }
    }
}

namespace CnnNative.Training
{
    /// <summary>The average of an arena's values.</summary>
    internal sealed class WeightAverage : IDisposable
    {
        private readonly ExponentialMovingAverage _options;
        private readonly ParameterArena _arena;
        private readonly IKernels _kernels;

        public WeightAverage(ExponentialMovingAverage options, ParameterArena arena, IKernels kernels)
        {
            options.Check();
            _options = options;
            _arena = arena;
            _kernels = kernels;
            Values = arena.Values.Clone();
        }

        /// <summary>The average, in the layout of the arena.</summary>
        public Tensor Values { get; }

        /// <summary>Takes the weights after a step in. A step of gradient descent on |average - weights|^2 / 2 with the rate
        /// 1 - decay does it in one pass: the gradient is the average itself, which is what weight decay of 1 adds, less the
        /// weights.</summary>
        /// <param name="step">The number of the step, from 1 on.</param>
        public void Update(long step)
        {
            OptimizerRule rule = OptimizerRule.Sgd(1 - _options.DecayAt(step), weightDecay: 1) with { GradientScale = -1 };
            _kernels.OptimizerStep(in rule, Values, _arena.Values, null, null);
        }

        /// <summary>Exchanges the weights and the average; a second call puts both back.</summary>
        public void Exchange()
        {
            using TensorAccess average = Values.Access();
            using TensorAccess weights = _arena.Values.Access();
            Span<float> buffer = stackalloc float[1024];
            for (int i = 0; i < average.Values.Length; i += buffer.Length)
            {
                int count = Math.Min(buffer.Length, average.Values.Length - i);
                average.Values.Slice(i, count).CopyTo(buffer);
                weights.Values.Slice(i, count).CopyTo(average.Values[i..]);
                buffer[..count].CopyTo(weights.Values[i..]);
            }
        }

        public void Dispose() => Values.Dispose();
    }
}
