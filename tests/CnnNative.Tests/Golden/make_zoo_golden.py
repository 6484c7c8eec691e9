#!/usr/bin/env python3
"""Makes zoo.json: what PyTorch's well-known networks answer, with weights that both sides compute from a formula.

Run it with PyTorch, torchvision and NumPy, for example Debian's packages python3-torch and python3-torchvision:

    /usr/bin/python3 tests/CnnNative.Tests/Golden/make_zoo_golden.py

The checked-in file was made with PyTorch 1.13.0a0 (Debian 1.13.1+dfsg-4) and torchvision 0.14.1a0.

Layers with parameters are numbered from 0 in the order in which they run. Layer k takes its tensors from the seeds 8 k + 1 and
up, see `hashed`, in CnnNative's layout: OHWI for convolutions, IHWO for transposed ones. Weights are
scaled by sqrt(6 / fan in), biases and shifts by 0.1; scales are 1 + h / 4, means h / 10, variances 1 + h / 2. The picture is
`hashed` with the seed 7. All is computed in double precision from float32 parameters.
"""

import json
import math
import os

import numpy
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision

FOLDER = os.path.dirname(os.path.abspath(__file__))


def hashed(shape, seed):
    """The values of HashedValues.cs; see make_operator_golden.py."""
    h = numpy.arange(math.prod(shape), dtype=numpy.uint32)
    h += numpy.uint32(seed * 0x9E3779B9 & 0xFFFFFFFF)
    h ^= h >> 16
    h *= numpy.uint32(0x85EBCA6B)
    h ^= h >> 13
    h *= numpy.uint32(0xC2B2AE35)
    h ^= h >> 16
    return ((h >> 8).astype(numpy.float64) / 2**23 - 1).reshape(shape)


def numbers(array):
    """Float32 values as the shortest decimals that read back exactly."""
    return [float(str(value)) for value in numpy.asarray(array, dtype=numpy.float32).ravel()]


def single(array):
    return torch.from_numpy(numpy.asarray(array, dtype=numpy.float32).astype(numpy.float64))


def fill(module, k, picture):
    """Gives layer k its parameters; `picture` is the height x width x channels that a Flatten before it laid in a row."""
    seed = 8 * k
    if isinstance(module, nn.BatchNorm2d):
        n = module.num_features
        module.weight.data = single(1 + hashed([n], seed + 1) / 4)
        module.bias.data = single(hashed([n], seed + 2) / 10)
        module.running_mean = single(hashed([n], seed + 3) / 10)
        module.running_var = single(1 + hashed([n], seed + 4) / 2)
        return
    shape = list(module.weight.shape)
    if isinstance(module, nn.Linear):
        weights = hashed(shape, seed + 1) * math.sqrt(6 / shape[1])
        if picture:
            weights = weights.reshape(shape[0], *picture).transpose(0, 3, 1, 2).reshape(shape)
    elif isinstance(module, nn.ConvTranspose2d):
        inputs, outputs, height, width = shape
        weights = hashed([inputs, height, width, outputs], seed + 1) * math.sqrt(6 / inputs)
        weights = weights.transpose(0, 3, 1, 2)
    else:
        outputs, inputs, height, width = shape
        weights = hashed([outputs, height, width, inputs], seed + 1) * math.sqrt(6 / (inputs * height * width))
        weights = weights.transpose(0, 3, 1, 2)
    module.weight.data = single(weights)
    if module.bias is not None:
        module.bias.data = single(hashed([len(module.bias)], seed + 2) / 10)


def run(model, height, width, channels, picture=None):
    """Fills the layers as they are reached, and gives the answer as NHWC."""
    model = model.double().eval()
    reached = []

    def hook(module, inputs):
        fill(module, len(reached), picture if isinstance(module, nn.Linear) and not any(reached) else None)
        reached.append(isinstance(module, nn.Linear))

    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.BatchNorm2d, nn.Linear)):
            module.register_forward_pre_hook(hook)
    image = hashed([1, height, width, channels], 7).transpose(0, 3, 1, 2)
    with torch.no_grad():
        output = model(torch.from_numpy(image.copy()))
    return output.permute(0, 2, 3, 1).reshape(-1) if output.dim() == 4 else output.reshape(-1)


def lenet5():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def tutorial():
    return nn.Sequential(nn.Conv2d(3, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(3072, 10))


def vgg11_small():
    layers, channels = [], 3
    for filters in [64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0]:
        if filters:
            layers += [nn.Conv2d(channels, filters, 3, padding=1, bias=False), nn.BatchNorm2d(filters), nn.ReLU()]
            channels = filters
        else:
            layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, 10))


class PlainBlock(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.stride, self.more = stride, filters - channels

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + F.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, 0, self.more)))


def resnet20():
    layers, channels = [nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()], 16
    for filters in (16, 32, 64):
        for _ in range(3):
            layers.append(PlainBlock(channels, filters, 2 if filters != channels else 1))
            channels = filters
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def double(channels, filters):
    return nn.Sequential(
        nn.Conv2d(channels, filters, 3, padding=1, bias=False), nn.BatchNorm2d(filters), nn.ReLU(),
        nn.Conv2d(filters, filters, 3, padding=1, bias=False), nn.BatchNorm2d(filters), nn.ReLU())


class UNetSmall(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.down = nn.ModuleList([double(3, 16), double(16, 32), double(32, 64)])
        self.bottom = double(64, 128)
        self.grow = nn.ModuleList([nn.ConvTranspose2d(2 * n, n, 2, stride=2) for n in (64, 32, 16)])
        self.up = nn.ModuleList([double(2 * n, n) for n in (64, 32, 16)])
        self.head = nn.Conv2d(16, classes, 1)

    def forward(self, x):
        skipped = []
        for level in self.down:
            x = level(x)
            skipped.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottom(x)
        for grow, level in zip(self.grow, self.up):
            x = level(torch.cat([skipped.pop(), grow(x)], 1))
        return self.head(x)


def main():
    zoo = torchvision.models
    networks = [
        ("lenet5", lenet5(), (28, 28, 1), 10, (5, 5, 16)),
        ("tutorial", tutorial(), (32, 32, 3), 10, (16, 16, 12)),
        ("vgg11", vgg11_small(), (32, 32, 3), 10, None),
        ("resnet20", resnet20(), (32, 32, 3), 10, None),
        ("resnet18", zoo.resnet18(weights=None, num_classes=10), (64, 80, 3), 10, None),
        ("resnet50", zoo.resnet50(weights=None, num_classes=10), (64, 64, 3), 10, None),
        ("mobilenetv2", zoo.mobilenet_v2(weights=None, num_classes=10), (64, 64, 3), 10, None),
        ("squeezenet1_1", zoo.squeezenet1_1(weights=None, num_classes=10), (65, 70, 3), 10, None),
        ("unet-small", UNetSmall(2), (16, 24, 3), 2, None),
    ]
    cases = [
        {"name": name, "input": list(shape), "classes": classes, "output": numbers(run(model, *shape, picture).numpy())}
        for name, model, shape, classes, picture in networks
    ]
    with open(os.path.join(FOLDER, "zoo.json"), "w", encoding="utf-8") as file:
        json.dump({"torch": torch.__version__, "cases": cases}, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
