// Serialisation of all reports, generated, so that it works without reflection.

using System.Text.Json.Serialization;

namespace CnnNative.Cli;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(TrainReport))]
[JsonSerializable(typeof(RateReport))]
[JsonSerializable(typeof(EvalReport))]
[JsonSerializable(typeof(PredictReport))]
[JsonSerializable(typeof(BenchReport))]
[JsonSerializable(typeof(RunReport))]
internal sealed partial class CliJson : JsonSerializerContext;
