// What a normalisation covers, and the tensors that go with it in twos and threes. Operators resolve their options to these
// once; both kernel sets read them, and none of them checks anything again.

namespace CnnNative.Kernels;

/// <summary>Batch normalisation of Rows x Channels, where Rows is batch x height x width: channel by channel. A ReLU may follow.
/// Momentum is what a batch contributes to the running statistics.</summary>
internal readonly record struct BatchNormGeometry(int Rows, int Channels, float Epsilon, float Momentum, bool Relu);

/// <summary>Normalisation of Batch x Pixels x Channels by the mean and variance of each group of neighbouring channels of an
/// image. Groups equal to Channels is instance normalisation. A ReLU may follow.</summary>
internal readonly record struct GroupNormGeometry(int Batch, int Pixels, int Channels, int Groups, float Epsilon, bool Relu);

/// <summary>Normalisation of each of Rows rows of Length elements by its own mean and variance.</summary>
internal readonly record struct LayerNormGeometry(int Rows, int Length, float Epsilon);

/// <summary>Local response normalisation: input / sum ^ Beta, where sum = Bias + Alpha / Size times the squares of the channels
/// from floor((Size - 1) / 2) before to ceil((Size - 1) / 2) after an element's own, as far as they exist.</summary>
internal readonly record struct LocalResponseGeometry(int Rows, int Channels, int Size, float Alpha, float Beta, float Bias);

/// <summary>The scale and the shift of a normalisation: an element for each channel (of a layer normalisation: for each element
/// of a row); null for ones and for zeros.</summary>
internal readonly record struct NormParameters(Tensor? Gamma, Tensor? Beta);

/// <summary>What a forward pass leaves to its backward pass: the mean and 1 / sqrt(variance + epsilon) of each channel, group of
/// an image, or row.</summary>
internal readonly record struct NormStatistics(Tensor Mean, Tensor Inverse);

/// <summary>Running statistics that training updates, the variance with the unbiased one; null for none.</summary>
internal readonly record struct RunningStatistics(Tensor? Mean, Tensor? Variance);

/// <summary>The gradients of a normalisation; null for one that is not wanted, but one of them is.</summary>
internal readonly record struct NormGradients(Tensor? Input, Tensor? Gamma, Tensor? Beta);
