// Words of options with numbers behind them become what they name, with the numbers in their places.

using CnnNative.Cli;

namespace CnnNative.Tests.Cli;

public sealed class OptionTextTests
{
    private static readonly TrainingLength Length = new(TotalSteps: 1000, StepsPerEpoch: 100);

    public static TheoryData<string, Type[]> Augmentations => new()
    {
        { "shift", [typeof(RandomShift)] },
        { "shift:3,rotate:15", [typeof(RandomShift), typeof(RandomRotation)] },
        { "scale:0.2,shear,elastic:20:3", [typeof(RandomScale), typeof(RandomShear), typeof(ElasticDistortion)] },
        { "flip, flip-v:0.2", [typeof(RandomHorizontalFlip), typeof(RandomVerticalFlip)] },
        { "crop:4,brightness,contrast:0.5", [typeof(RandomCrop), typeof(RandomBrightness), typeof(RandomContrast)] },
        { "jitter", [typeof(RandomBrightness), typeof(RandomContrast), typeof(ColorJitter)] },
        { "erase:0.25,noise:0.1", [typeof(RandomErasing), typeof(GaussianNoise)] },
    };

    [Theory]
    [MemberData(nameof(Augmentations))]
    public void Names_of_changes_become_their_steps_in_order(string text, Type[] expected)
    {
        Augmentation? augmentation = AugmentationText.Parse(text, (32, 32, 3));

        Assert.Equal(expected, augmentation!.Steps.Select(step => step.GetType()));
        Assert.Equal((32, 32, 3), augmentation.OutputShape((32, 32, 3)));
    }

    [Fact]
    public void No_change_is_asked_for_by_name_and_gray_pictures_have_no_saturation()
    {
        Assert.Null(AugmentationText.Parse("none", (28, 28, 1)));
        Assert.Equal(
            [typeof(RandomBrightness), typeof(RandomContrast)],
            AugmentationText.Parse("jitter:0.1", (28, 28, 1))!.Steps.Select(step => step.GetType()));
    }

    public static TheoryData<string, double, LearningRateSchedule> Schedules => new()
    {
        { "constant", 0, LearningRateSchedule.Constant },
        { "cosine", 0, LearningRateSchedule.Cosine() },
        { "cosine:0.1", 2, LearningRateSchedule.Cosine(0.1).WithWarmUpEpochs(2) },
        { "one-cycle:0.2", 0, LearningRateSchedule.OneCycle(new OneCycleOptions { RisingShare = 0.2 }) },
        { "step:3", 0, LearningRateSchedule.Step(3) },
        { "step:3:0.5", 0.5, LearningRateSchedule.Step(3, 0.5).WithWarmUpEpochs(0.5) },
        { "milestones:4:8", 0, LearningRateSchedule.MultiStep([4, 8]) },
        { "exponential:0.9", 0, LearningRateSchedule.Exponential(0.9) },
        { "linear", 0, LearningRateSchedule.Linear() },
        { "polynomial:2", 0, LearningRateSchedule.Polynomial(2) },
        { "restarts:2:2", 0, LearningRateSchedule.CosineRestarts(2, 2) },
    };

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Names_of_schedules_give_their_rates(string text, double warmUp, LearningRateSchedule expected)
    {
        LearningRateSchedule schedule = ScheduleText.Parse(text, warmUp).Schedule;

        for (long step = 0; step < Length.TotalSteps; step += 37)
        {
            Assert.Equal(expected.FactorAt(step, Length), schedule.FactorAt(step, Length));
        }
    }

    [Fact]
    public void A_plateau_is_a_rule_and_not_a_schedule()
    {
        ScheduleChoice choice = ScheduleText.Parse("plateau:3:0.5", 0);

        Assert.Equal((3, 0.5), (choice.Plateau!.Patience, choice.Plateau.Factor));
        Assert.Equal(LearningRateSchedule.Constant, choice.Schedule);
    }

    public static TheoryData<string?, double?, double?, Optimizer> Optimizers => new()
    {
        { null, null, null, new AdamW(0.002) },
        { "sgd", 0.1, 0.8, new Sgd(0.1) { Momentum = 0.8 } },
        { "nesterov", null, null, new Sgd(0.05) { Momentum = 0.9, Nesterov = true } },
        { "adam", 0.01, null, new Adam(0.01) },
        { "adamw", null, null, new AdamW(0.002) },
        { "rmsprop", null, 0.5, new RmsProp(0.001) { Momentum = 0.5 } },
    };

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Names_of_optimisers_have_the_recipes_values_only_where_it_is_the_recipes_optimiser(
        string? name, double? rate, double? momentum, Optimizer expected)
    {
        OptimizerOptions options = new() { Name = name, LearningRate = rate, Momentum = momentum };

        Optimizer optimizer = options.Create(new Recipe { Optimizer = "adamw", LearningRate = 0.002 });

        Assert.Equal(expected, optimizer);
        Assert.Equal(0.25, (options with { WeightDecay = 0.25 }).Create(new Recipe()).WeightDecay);
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(12, 1)]
    [InlineData(28, 1)]
    [InlineData(32, 3)]
    [InlineData(47, 1)]
    [InlineData(64, 1)]
    [InlineData(96, 3)]
    public void Pictures_of_any_size_have_a_network_that_takes_them(int side, int channels)
    {
        string name = Recipe.ModelFor((side, side, channels));

        using Model model = ModelSource.ForTraining(name, (side, side, channels), classes: 3, seed: 0);

        Assert.Equal(3, model.OutputShape(1)[^1]);
    }

    [Fact]
    public void Every_recipe_can_be_read()
    {
        foreach (string model in ModelSource.Names)
        {
            foreach (string data in DataSource.Names)
            {
                var recipe = Recipe.For(model, data);
                Shape picture = data.StartsWith("cifar", StringComparison.Ordinal) ? (32, 32, 3) : (28, 28, 1);
                AugmentationText.Parse(recipe.Augment, picture);
                Assert.NotNull(ScheduleText.Parse(recipe.Schedule, 0).Schedule);
                Assert.Equal(recipe.LearningRate, new OptimizerOptions().Create(recipe).LearningRate);
            }
        }
    }
}
