// Steps of optimisers in double precision, on vectors of doubles: each float vector is widened, updated in two halves, and
// rounded when it is stored.

using System.Numerics;
using System.Runtime.CompilerServices;

namespace CnnNative.Kernels.Managed;

internal static class ManagedOptimizer
{
    /// <summary>One step; an empty span stands for state that the rule does not have.</summary>
    public static void Step(
        in OptimizerRule rule, Span<float> parameters, ReadOnlySpan<float> gradient, Span<float> first, Span<float> second)
    {
        Constants constants = new(in rule);
        for (int i = 0; i < parameters.Length; i += Vector<float>.Count)
        {
            int count = Math.Min(Vector<float>.Count, parameters.Length - i);
            State low = default, high = default;
            (low.Parameter, high.Parameter) = Load(parameters, i);
            (low.Gradient, high.Gradient) = Load(gradient, i);
            (low.First, high.First) = Load(first, i);
            (low.Second, high.Second) = Load(second, i);
            constants.Update(ref low);
            constants.Update(ref high);
            Vector.Narrow(low.Parameter, high.Parameter).StoreFirst(parameters[i..], count);
            if (constants.HasFirst)
                Vector.Narrow(low.First, high.First).StoreFirst(first[i..], count);
            if (constants.HasSecond)
                Vector.Narrow(low.Second, high.Second).StoreFirst(second[i..], count);
        }
    }

    /// <summary>The sum of the squares.</summary>
    public static double SumOfSquares(ReadOnlySpan<float> values)
    {
        Vector<double> low = default, high = default;
        for (int i = 0; i < values.Length; i += Vector<float>.Count)
        {
            (Vector<double> left, Vector<double> right) = Load(values, i);
            low += left * left;
            high += right * right;
        }

        return Vector.Sum(low + high);
    }

    /// <summary>The vector from <paramref name="start"/> on, zeros after the end, as doubles; zeros of an empty span.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<double> Low, Vector<double> High) Load(ReadOnlySpan<float> values, int start)
    {
        if (values.IsEmpty)
            return default;

        ReadOnlySpan<float> rest = values[start..];
        Vector<float> vector = rest.Length >= Vector<float>.Count ? new Vector<float>(rest) : VectorRemainder.LoadFirst(rest);
        Vector.Widen(vector, out Vector<double> low, out Vector<double> high);
        return (low, high);
    }

    private struct State
    {
        public Vector<double> Parameter;
        public Vector<double> Gradient;
        public Vector<double> First;
        public Vector<double> Second;
    }

    /// <summary>What is the same for all elements of a step.</summary>
    private readonly struct Constants
    {
        private readonly bool _isAdam;
        private readonly bool _nesterov;
        private readonly double _rate;
        private readonly double _scale;
        private readonly double _decay;
        private readonly double _shrink;
        private readonly double _keepFirst;
        private readonly double _takeFirst;
        private readonly double _keepSecond;
        private readonly double _rootCorrection;
        private readonly double _epsilon;

        public Constants(in OptimizerRule rule)
        {
            bool apart = rule.Kind == OptimizerKind.AdamW;
            _isAdam = rule.IsAdam;
            _nesterov = rule.Nesterov;
            HasFirst = rule.HasFirst;
            HasSecond = rule.HasSecond;
            _scale = rule.GradientScale;
            _decay = apart ? 0 : rule.WeightDecay;
            _shrink = apart ? 1 - rule.LearningRate * rule.WeightDecay : 1;
            _keepFirst = _isAdam ? rule.Beta1 : rule.Momentum;
            _takeFirst = _isAdam ? 1 - rule.Beta1 : 1;
            _keepSecond = rule.Beta2;
            _epsilon = rule.Epsilon;
            _rate = _isAdam ? rule.LearningRate / (1 - Math.Pow(rule.Beta1, rule.Step)) : rule.LearningRate;
            _rootCorrection = _isAdam ? 1 / Math.Sqrt(1 - Math.Pow(rule.Beta2, rule.Step)) : 1;
        }

        public bool HasFirst { get; }

        public bool HasSecond { get; }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Update(ref State state)
        {
            Vector<double> parameter = state.Parameter * _shrink, gradient = state.Gradient * _scale + parameter * _decay;
            Vector<double> root = Vector<double>.One, direction = gradient;
            if (HasSecond)
            {
                state.Second = state.Second * _keepSecond + gradient * gradient * (1 - _keepSecond);
                root = Vector.SquareRoot(state.Second) * _rootCorrection + new Vector<double>(_epsilon);
                if (!_isAdam)
                    direction /= root;
            }

            if (HasFirst)
            {
                Vector<double> pushed = direction;
                state.First = direction = state.First * _keepFirst + direction * _takeFirst;
                if (_nesterov)
                    direction = pushed + direction * _keepFirst;
            }

            if (_isAdam)
                direction /= root;
            state.Parameter = parameter - direction * _rate;
        }
    }
}
