// Collections of tensors: order, ownership, and errors that name what is there.

namespace CnnNative.Tests.Files;

public sealed class TensorCollectionTests
{
    [Fact]
    public void Tensors_keep_the_order_in_which_they_were_added()
    {
        using TensorCollection tensors = new() { { "z", Tensor.Zeros(1) }, { "a", Tensor.Zeros(2) }, { "Z", Tensor.Zeros(3) } };

        Assert.Equal(["z", "a", "Z"], tensors.Keys);
        Assert.Equal([1, 2, 3], tensors.Values.Select(tensor => tensor.ElementCount));
        Assert.Equal(3, tensors.Count);
        Assert.True(tensors.ContainsKey("a"));
        Assert.False(tensors.TryGetValue("A", out _));
    }

    [Fact]
    public void Disposing_the_collection_disposes_what_is_in_it()
    {
        Tensor kept = Tensor.Zeros(1), taken = Tensor.Zeros(1);
        TensorCollection tensors = new() { { "kept", kept }, { "taken", taken } };

        Assert.Same(taken, tensors.Take("taken"));
        tensors.Dispose();
        tensors.Dispose();

        Assert.Throws<ObjectDisposedException>(() => kept.Fill(1));
        taken.Fill(1);
        taken.Dispose();
    }

    [Fact]
    public void A_name_that_is_there_already_leaves_the_new_tensor_with_the_caller()
    {
        using TensorCollection tensors = new() { { "a", Tensor.Zeros(1) } };
        using Tensor second = Tensor.Zeros(2);

        Refusal.Of<ArgumentException>("'a'", () => tensors.Add("a", second));

        Assert.Equal(1, tensors["a"].ElementCount);
        second.Fill(3);
    }

    [Fact]
    public void A_name_that_is_not_there_is_answered_with_those_that_are()
    {
        using TensorCollection tensors = new() { { "conv1", Tensor.Zeros(1) }, { "conv2", Tensor.Zeros(1) } };

        Assert.Equal(
            "The collection has no tensor 'conv'; there are conv1, conv2.",
            Assert.Throws<KeyNotFoundException>(() => tensors["conv"]).Message);
        Assert.Throws<KeyNotFoundException>(() => tensors.Take("conv"));
    }
}
