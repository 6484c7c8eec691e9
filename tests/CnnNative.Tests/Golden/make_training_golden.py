#!/usr/bin/env python3
"""Makes training.json: the losses of twenty training steps as PyTorch computes them, for nets of CnnNative.

Run it with PyTorch, for example Debian's package python3-torch:

    /usr/bin/python3 tests/CnnNative.Tests/Golden/make_training_golden.py

The checked-in file was made with PyTorch 1.13.0a0 (Debian 1.13.1+dfsg-4); the version stands in the file.

Everything runs in double precision from float32 weights and inputs, so a test's tolerance covers the rounding of the
implementation under test only. Weights and inputs are not stored: both sides generate them from seeds (see `hashed`), in the
order of CnnNative: NHWC for pictures, OHWI for weights. The file says of each parameter its seed, scale and offset.
"""

import json
import math
import os

import numpy
import torch
import torch.nn.functional as F

FOLDER = os.path.dirname(os.path.abspath(__file__))
STEPS, BATCH, BATCHES, CLASSES = 20, 16, 4, 10


def hashed(shape, seed):
    """Element i is the 32-bit finaliser of MurmurHash3 of i + seed * 0x9E3779B9, whose upper 24 bits are mapped to [-1, 1)."""
    h = numpy.arange(math.prod(shape), dtype=numpy.uint32)
    h += numpy.uint32(seed * 0x9E3779B9 & 0xFFFFFFFF)
    h ^= h >> 16
    h *= numpy.uint32(0x85EBCA6B)
    h ^= h >> 13
    h *= numpy.uint32(0xC2B2AE35)
    h ^= h >> 16
    return ((h >> 8).astype(numpy.float64) / 2**23 - 1).reshape(shape)


class Net:
    """Parameters by the names of CnnNative, and layers that use them. Pictures are NCHW here."""

    def __init__(self):
        self.parameters, self.statistics, self.described = {}, {}, []

    def parameter(self, name, shape, scale, offset=0.0):
        """Values of CnnNative's order and of float32: offset + scale * hashed."""
        if name not in self.parameters:
            seed = len(self.described) + 1
            self.described.append({"name": name, "shape": list(shape), "seed": seed, "scale": scale, "offset": offset})
            values = (numpy.float32(offset) + numpy.float32(scale) * hashed(shape, seed).astype(numpy.float32)).astype(numpy.float32)
            self.parameters[name] = torch.tensor(values.astype(numpy.float64), requires_grad=True)
        return self.parameters[name]

    def conv(self, name, x, filters, kernel, stride=1, padding=0, bias=False, groups=1):
        channels = x.shape[1] // groups
        scale = float(numpy.float32(math.sqrt(6 / (channels * kernel * kernel))))
        weight = self.parameter(name + ".weight", (filters, kernel, kernel, channels), scale).permute(0, 3, 1, 2)
        b = self.parameter(name + ".bias", (filters,), 0.125) if bias else None
        return F.conv2d(x, weight, b, stride, padding, groups=groups)

    def linear(self, name, x, features):
        scale = float(numpy.float32(math.sqrt(3 / x.shape[1])))
        weight = self.parameter(name + ".weight", (features, x.shape[1]), scale)
        return F.linear(x, weight, self.parameter(name + ".bias", (features,), 0.125))

    def norm(self, name, x):
        channels = x.shape[1]
        gamma = self.parameter(name + ".gamma", (channels,), 0.25, 1.0)
        beta = self.parameter(name + ".beta", (channels,), 0.25)
        mean, variance = self.statistics.setdefault(
            name, (torch.zeros(channels, dtype=torch.float64), torch.ones(channels, dtype=torch.float64)))
        return F.batch_norm(x, mean, variance, gamma, beta, training=True, momentum=0.1, eps=1e-5)


def flatten(x):
    """In CnnNative's order, channels innermost."""
    return x.permute(0, 2, 3, 1).reshape(x.shape[0], -1)


def lenet(net, x):
    x = F.max_pool2d(torch.tanh(net.conv("conv1", x, 6, 5, padding=2, bias=True)), 2)
    x = F.max_pool2d(torch.tanh(net.conv("conv2", x, 16, 5, bias=True)), 2)
    x = torch.tanh(net.linear("fc1", flatten(x), 120))
    x = torch.tanh(net.linear("fc2", x, 84))
    return net.linear("fc3", x, CLASSES)


def resnet(net, x):
    x = torch.relu(net.norm("bn1", net.conv("conv1", x, 8, 3, padding=1)))
    y = torch.relu(net.norm("bn2", net.conv("conv2", x, 8, 3, padding=1)))
    x = torch.relu(net.norm("bn3", net.conv("conv3", y, 8, 3, padding=1)) + x)
    y = torch.relu(net.norm("bn4", net.conv("conv4", x, 16, 3, stride=2, padding=1)))
    y = net.norm("bn5", net.conv("conv5", y, 16, 3, padding=1))
    x = torch.relu(y + net.norm("bn6", net.conv("conv6", x, 16, 1, stride=2)))
    return net.linear("fc1", x.mean((2, 3)), CLASSES)


def mobilenet(net, x):
    x = F.relu6(net.norm("bn1", net.conv("conv1", x, 8, 3, stride=2, padding=1)))
    y = F.relu6(net.norm("bn2", net.conv("conv2", x, 24, 1)))
    y = F.relu6(net.norm("bn3", net.conv("conv3", y, 24, 3, padding=1, groups=24)))
    x = x + net.norm("bn4", net.conv("conv4", y, 8, 1))
    x = F.relu6(net.norm("bn5", net.conv("conv5", x, 32, 1)))
    return net.linear("fc1", x.mean((2, 3)), CLASSES)


NETS = {"lenet": (lenet, (28, 28, 1)), "resnet": (resnet, (16, 16, 3)), "mobilenet": (mobilenet, (16, 16, 3))}
OPTIMIZERS = {
    "sgd": lambda parameters: torch.optim.SGD(parameters, lr=0.02, momentum=0.9, weight_decay=0.001),
    "adamw": lambda parameters: torch.optim.AdamW(parameters, lr=0.002, weight_decay=0.05),
}


def batch(shape, step):
    inputs = hashed((BATCH,) + shape, 1000 + step % BATCHES)
    labels = [(i * 7 + step % BATCHES * 3) % CLASSES for i in range(BATCH)]
    return torch.tensor(inputs).permute(0, 3, 1, 2), torch.tensor(labels)


def train(name, optimizer_name):
    forward, shape = NETS[name]
    net = Net()
    forward(net, batch(shape, 0)[0])
    net.statistics.clear()
    optimizer = OPTIMIZERS[optimizer_name](net.parameters.values())
    losses, steepest = [], {key: 0.0 for key in net.parameters}
    for step in range(STEPS):
        inputs, labels = batch(shape, step)
        loss = F.cross_entropy(forward(net, inputs), labels)
        optimizer.zero_grad()
        loss.backward()
        for key, value in net.parameters.items():
            steepest[key] = max(steepest[key], value.grad.abs().max().item())
        optimizer.step()
        losses.append(loss.item())
    return {
        "net": name,
        "optimizer": optimizer_name,
        "input": list(shape),
        "parameters": net.described,
        "losses": losses,
        # A shift before a normalisation has no effect and no gradient; AdamW then steps along what is left by rounding.
        "norms": {key: value.norm().item() for key, value in net.parameters.items() if steepest[key] > 1e-12},
        # A mean behind such a shift follows it.
        "means": {key: value[0].norm().item() for key, value in net.statistics.items()
                  if optimizer_name == "sgd" or min(steepest.values()) > 1e-12},
        "variances": {key: value[1].norm().item() for key, value in net.statistics.items()},
    }


def main():
    torch.set_default_dtype(torch.float64)
    cases = [train(net, optimizer) for net in NETS for optimizer in OPTIMIZERS]
    document = {"torch": torch.__version__, "batch": BATCH, "batches": BATCHES, "cases": cases}
    with open(os.path.join(FOLDER, "training.json"), "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.write("\n")
    for case in cases:
        print(case["net"], case["optimizer"], case["losses"][0], case["losses"][-1])


if __name__ == "__main__":
    main()
