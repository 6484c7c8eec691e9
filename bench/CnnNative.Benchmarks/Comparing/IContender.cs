// What is compared: one model in one library. The two implementations share nothing but this, so that a process that runs one of
// them loads nothing of the other.

namespace CnnNative.Benchmarks.Comparing;

/// <summary>A model that is ready to run on inputs that stay the same.</summary>
internal interface IContender : IDisposable
{
    /// <summary>The names of the outputs of floating-point numbers.</summary>
    IReadOnlyList<string> Outputs { get; }

    /// <summary>Whether outputs are rounded to 16 bits.</summary>
    bool IsHalfPrecision { get; }

    /// <summary>Takes the inputs as the file orders them, computes, and leaves the outputs in memory of the caller's.</summary>
    void Run();

    /// <summary>An output of the last run, as the file orders its elements.</summary>
    ReadOnlySpan<float> Output(string name);
}

/// <summary>The two sides.</summary>
internal static class Contenders
{
    public const string Ours = "ours", Peer = "peer";

    /// <summary>Loads a model.</summary>
    public static IContender Load(string side, string path, int threads, IReadOnlyList<ModelInput> inputs) =>
        side == Ours ? LoadOurs(path, threads, inputs) : LoadPeer(path, threads, inputs);

    // Each in a method of its own: the runtime loads the assemblies of a method when it is compiled.
    private static OurContender LoadOurs(string path, int threads, IReadOnlyList<ModelInput> inputs) => new(path, threads, inputs);

    private static PeerContender LoadPeer(string path, int threads, IReadOnlyList<ModelInput> inputs) => new(path, threads, inputs);
}
