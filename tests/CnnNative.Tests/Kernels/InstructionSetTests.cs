// The public names of instruction sets against those of the native library, and what a cap does.

using CnnNative.Interop;

namespace CnnNative.Tests.Kernels;

public sealed class InstructionSetTests
{
    [Fact]
    public void Public_instruction_sets_are_those_of_the_native_library()
    {
        Assert.Equal(
            Enum.GetValues<CnnIsa>().Select(isa => ((int)isa, isa.ToString())),
            Enum.GetValues<InstructionSet>().Select(isa => ((int)isa, isa.ToString())));
    }

    [Theory]
    [InlineData(InstructionSet.Scalar, "scalar")]
    [InlineData(InstructionSet.Avx2, "avx2")]
    [InlineData(InstructionSet.Avx512, "avx512")]
    [InlineData(InstructionSet.Neon, "neon")]
    public void An_instruction_set_that_the_machine_has_is_used_when_it_is_the_cap(InstructionSet isa, string name)
    {
        Assert.SkipUnless(NativeLibraryInfo.Query().InstructionSets.Contains(name), $"this machine has no {name}");

        using ComputeContext context = new(Backend.Native, threads: 1, isa);

        Assert.Equal(name, context.InstructionSetName);
    }

    [Fact]
    public void A_cap_of_another_family_of_processors_limits_nothing()
    {
        bool arm = NativeLibraryInfo.Query().InstructionSets.Contains("neon");
        using ComputeContext best = new(Backend.Native, threads: 1);
        using ComputeContext capped = new(Backend.Native, threads: 1, arm ? InstructionSet.Avx2 : InstructionSet.Neon);

        Assert.Equal(best.InstructionSetName, capped.InstructionSetName);
    }
}
