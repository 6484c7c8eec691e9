// Schedules against PyTorch's schedulers, and where those have no answer: ends, other lengths, and what is refused.

using System.Text.Json;
using CnnNative.Tests.Files;
using CnnNative.Tests.Golden;

namespace CnnNative.Tests.Training;

public sealed class ScheduleTests
{
    private const double Rate = 0.1;

    private static readonly ScheduleFile _file = GoldenFile.Read<ScheduleFile>("schedules.json");

    public static TheoryData<string> ScheduleCases => [.. _file.Schedules.Select(golden => golden.Name)];

    public static TheoryData<string> PlateauCases => [.. _file.Plateaus.Select(golden => golden.Name)];

    private static Dictionary<string, LearningRateSchedule> Schedules => new()
    {
        ["constant"] = LearningRateSchedule.Constant,
        ["step"] = LearningRateSchedule.Step(30),
        ["step of epochs"] = LearningRateSchedule.Step(4, 0.5),
        ["multi-step"] = LearningRateSchedule.MultiStep([30, 80, 80, 150], 0.3),
        ["multi-step of epochs"] = LearningRateSchedule.MultiStep([1, 11]),
        ["exponential"] = LearningRateSchedule.Exponential(0.97),
        ["cosine"] = LearningRateSchedule.Cosine(),
        ["cosine with minimum"] = LearningRateSchedule.Cosine(0.2),
        ["restarts"] = LearningRateSchedule.CosineRestarts(30),
        ["growing restarts"] = LearningRateSchedule.CosineRestarts(3, 2, 0.1),
        ["linear"] = LearningRateSchedule.Linear(0.3, 0.05),
        ["polynomial"] = LearningRateSchedule.Polynomial(2.5),
        ["one cycle"] = LearningRateSchedule.OneCycle(),
        ["one cycle, linear"] = LearningRateSchedule.OneCycle(new()
        {
            RisingShare = 0.123,
            StartDivisor = 10,
            EndDivisor = 100,
            IsLinear = true,
            LowestMomentum = 0.8,
            HighestMomentum = 0.9,
        }),
        ["one cycle, three phases"] = LearningRateSchedule.OneCycle(new() { RisingShare = 0.4, HasThreePhases = true }),
        ["warm-up and cosine"] = LearningRateSchedule.Cosine().WithWarmUpSteps(20, 0.1),
        ["warm-up and step"] = LearningRateSchedule.Step(40, 0.2).WithWarmUpEpochs(15, 0.25),
    };

    private static Dictionary<string, ReduceOnPlateau> Plateaus => new()
    {
        ["plateau"] = new() { Factor = 0.5, Patience = 5 },
        ["cooldown"] = new() { Factor = 0.3, Patience = 2, Cooldown = 7, MinimumFactor = 0.02 },
        ["absolute"] = new() { Factor = 0.9, Patience = 0, Threshold = 0.02, IsThresholdRelative = false },
        ["highest"] = new()
        {
            Goal = MetricGoal.Maximize,
            Factor = 0.5,
            Patience = 4,
            Threshold = 0.01,
            IsThresholdRelative = false,
        },
        ["highest, relative"] = new() { Goal = MetricGoal.Maximize, Factor = 0.5, Patience = 4, Threshold = 0.002 },
        ["not a number"] = new() { Factor = 0.5, Patience = 3 },
    };

    // PyTorch multiplies the rate of each step by a quotient, so that the rounding of 200 steps gathers: 200 x 2^-52 of a rate,
    // and near the end of a cosine, where 1 + cos loses four digits, 10^4 times as much of a rate that is 10^-4 as large.
    [Theory]
    [MemberData(nameof(ScheduleCases))]
    public void Rates_are_those_of_PyTorch(string name)
    {
        ScheduleCase golden = _file.Schedules.Single(golden => golden.Name == name);
        LearningRateSchedule schedule = Schedules[name];
        TrainingLength length = new(golden.Rates.Length, golden.StepsPerEpoch);
        for (int step = 0; step < golden.Rates.Length; step++)
        {
            Assert.Equal(golden.Rates[step], schedule.RateAt(Rate, step, length), 1e-13);
            if (golden.Momenta is null)
                Assert.Null(schedule.MomentumAt(step, length));
            else
                Assert.Equal(golden.Momenta[step], schedule.MomentumAt(step, length)!.Value, 1e-13);
        }
    }

    [Theory]
    [MemberData(nameof(PlateauCases))]
    public void Plateaus_are_those_of_PyTorch(string name)
    {
        PlateauCase golden = _file.Plateaus.Single(golden => golden.Name == name);
        PlateauState state = new();
        HashSet<double> factors = [];
        foreach ((double metric, double rate) in golden.Metrics.Zip(golden.Rates))
        {
            // A checkpoint may lie between any two epochs.
            state = JsonSerializer.Deserialize<PlateauState>(JsonSerializer.Serialize(state))!;
            state = Plateaus[name].Next(state, metric);
            Assert.Equal(rate, Rate * state.Factor, 1e-15);
            factors.Add(state.Factor);
        }

        Assert.True(factors.Count > 2, "The rate hardly fell, so nothing was compared.");
    }

    [Fact]
    public void After_the_last_step_the_rate_stays_what_it_was()
    {
        TrainingLength length = new(50, 7);
        foreach (LearningRateSchedule schedule in Schedules.Values)
        {
            Assert.Equal(schedule.FactorAt(49, length), schedule.FactorAt(50, length));
            Assert.Equal(schedule.FactorAt(49, length), schedule.FactorAt(long.MaxValue, length));
        }
    }

    private static TrainingLength[] Lengths =>
        [new(1, 1), new(2, 1), new(3, 100), new(long.MaxValue, long.MaxValue), new(long.MaxValue, 1)];

    // One step, trainings shorter than their warm-up, and lengths at the limit of the type.
    [Fact]
    public void Every_schedule_has_a_finite_rate_for_every_length()
    {
        foreach (LearningRateSchedule schedule in Schedules.Values)
        {
            foreach (TrainingLength length in Lengths)
            {
                foreach (long step in (long[])[0, 1, 2, length.TotalSteps / 2, length.TotalSteps - 1, length.TotalSteps])
                {
                    Assert.InRange(schedule.FactorAt(step, length), 0, 1);
                    Assert.InRange(schedule.MomentumAt(step, length) ?? 0.5, 0.5, 0.95);
                }
            }
        }
    }

    [Fact]
    public void A_warm_up_rises_in_a_straight_line_and_hands_over_where_the_other_begins()
    {
        LearningRateSchedule schedule = LearningRateSchedule.Linear().WithWarmUpEpochs(0.5);
        TrainingLength length = new(24, 8);
        double[] expected = [0, 0.25, 0.5, 0.75, 1, 0.95, 0.9];
        for (int step = 0; step < expected.Length; step++)
            Assert.Equal(expected[step], schedule.FactorAt(step, length), 1e-12);
        LearningRateSchedule plain = LearningRateSchedule.Linear(), none = plain.WithWarmUpSteps(0);
        Assert.Equal(plain.FactorAt(3, length), none.FactorAt(3, length));
    }

    [Fact]
    public void Schedules_are_compared_by_value()
    {
        Assert.Equal(Schedules, Schedules);
        Assert.Equal(Schedules["multi-step"].GetHashCode(), Schedules["multi-step"].GetHashCode());
        Assert.Equal(Schedules.Count, Schedules.Values.Distinct().Count());
        Assert.NotEqual(LearningRateSchedule.MultiStep([1, 2]), LearningRateSchedule.MultiStep([1, 3]));
    }

    [Fact]
    public void Numbers_that_make_no_sense_are_refused()
    {
        TrainingLength length = new(10, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Constant.FactorAt(-1, length));
        Refusal.Of<ArgumentOutOfRangeException>("0 steps", () => LearningRateSchedule.Constant.FactorAt(0, default));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Step(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Step(1, double.NaN));
        Refusal.Of<ArgumentException>("Epoch 2 at position 1", () => LearningRateSchedule.MultiStep([3, 2]));
        Refusal.Of<ArgumentException>("Epoch -1", () => LearningRateSchedule.MultiStep([-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Exponential(double.PositiveInfinity));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Cosine(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.CosineRestarts(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Polynomial(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Constant.WithWarmUpSteps(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Constant.WithWarmUpEpochs(double.NaN));
        Refusal.Of<ArgumentOutOfRangeException>(
            "RisingShare", () => LearningRateSchedule.OneCycle(new() { HasThreePhases = true, RisingShare = 0.6 }));
        Refusal.Of<ArgumentOutOfRangeException>("EndDivisor", () => LearningRateSchedule.OneCycle(new() { EndDivisor = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReduceOnPlateau { Factor = 1 }.Next(new PlateauState(), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReduceOnPlateau { Patience = -1 }.Next(new PlateauState(), 1));
    }

    private sealed record ScheduleFile(string Torch, ScheduleCase[] Schedules, PlateauCase[] Plateaus);

    private sealed record ScheduleCase(string Name, int StepsPerEpoch, double[] Rates, double[]? Momenta);

    private sealed record PlateauCase(string Name, double[] Metrics, double[] Rates);
}
