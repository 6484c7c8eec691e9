#!/usr/bin/env python3
"""Makes operator_gradients.json: what PyTorch computes for operators as nodes of a graph, forwards and backwards.

Run it with PyTorch and NumPy, for example Debian's package python3-torch:

    /usr/bin/python3 tests/CnnNative.Tests/Golden/make_gradient_golden.py

The checked-in file was made with PyTorch 1.13.0a0 (Debian 1.13.1+dfsg-4); the version stands in the file.

A case has the attributes of CnnNative's operator, and inputs that both sides generate from a seed (see `hashed`) in the order of
CnnNative: NHWC for pictures. Input i of case c has the seed 16 c + i, the gradient of output o the seed 16 c + 8 + o. Expected are the
outputs and the gradients by all inputs, in double precision and rounded once; a gradient that does not exist is null.
"""

import json
import math
import os

import numpy
import torch
import torch.nn.functional as F

FOLDER = os.path.dirname(os.path.abspath(__file__))


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


def tensor(value):
    """Shape and values; float32 as the shortest decimals that read back exactly."""
    if value is None:
        return None
    values = value.detach().numpy().astype(numpy.float32)
    return {"shape": list(values.shape), "values": [float(str(v)) for v in values.ravel()]}


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


class Cases:
    def __init__(self):
        self.list = []

    def add(self, kind, name, attributes, shapes, compute):
        """`compute` maps the inputs, in our layout, to the output or outputs."""
        seed = 16 * len(self.list)
        inputs = [torch.from_numpy(hashed(shape, seed + i)).requires_grad_() for i, shape in enumerate(shapes)]
        outputs = compute(*inputs)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        weights = [torch.from_numpy(hashed(output.shape, seed + 8 + o)) for o, output in enumerate(outputs)]
        gradients = torch.autograd.grad(sum((o * w).sum() for o, w in zip(outputs, weights)), inputs, allow_unused=True)
        self.list.append({
            "name": f"{kind}: {name}", "kind": kind, "attributes": attributes, "shapes": [list(s) for s in shapes],
            "outputs": [tensor(output) for output in outputs], "gradients": [tensor(g) for g in gradients]})


def convolutions(cases):
    def transposed(stride, padding, output_padding, dilation, groups):
        # PyTorch's weights are input channels x (output channels / groups) x height x width.
        return lambda x, w, *b: nhwc(F.conv_transpose2d(
            nchw(x), w.permute(0, 3, 1, 2), *b, stride=stride, padding=padding, output_padding=output_padding, dilation=dilation,
            groups=groups))

    cases.add("ConvTranspose2d", "3x3", {}, [(2, 3, 4, 5), (5, 3, 3, 4), (4,)], transposed(1, 0, 0, 1, 1))
    cases.add("ConvTranspose2d", "2x2 stride 2", {"stride": [2, 2]}, [(1, 4, 3, 3), (3, 2, 2, 6), (6,)], transposed(2, 0, 0, 1, 1))
    cases.add("ConvTranspose2d", "3x3 stride 2 with paddings, groups",
              {"stride": [2, 2], "padding": [1, 1, 1, 1], "output_padding": [1, 0], "groups": 2},
              [(2, 3, 4, 4), (4, 3, 3, 3), (6,)], transposed(2, 1, (1, 0), 1, 2))
    cases.add("ConvTranspose2d", "dilation, no bias", {"stride": [3, 1], "dilation": [2, 3]}, [(1, 3, 2, 2), (2, 3, 2, 5)],
              transposed((3, 1), 0, 0, (2, 3), 1))
    cases.add("Conv2d", "3x3 stride 2", {"stride": [2, 2], "padding": [1, 1, 1, 1]}, [(2, 5, 6, 3), (4, 3, 3, 3), (4,)],
              lambda x, w, b: nhwc(F.conv2d(nchw(x), w.permute(0, 3, 1, 2), b, stride=2, padding=1)))
    cases.add("Linear", "plain", {}, [(3, 7), (5, 7), (5,)], F.linear)
    cases.add("MatMul", "plain", {}, [(3, 4), (4, 5)], torch.matmul)
    cases.add("MatMul", "batch", {}, [(2, 3, 4), (2, 4, 5)], torch.matmul)
    cases.add("MatMul", "transposed batch by one", {"transpose_left": 1, "transpose_right": 1}, [(2, 4, 3), (5, 4)],
              lambda a, b: torch.matmul(a.transpose(1, 2), b.t()))


def pooling(cases):
    for kind, function in [("AdaptiveAveragePool2d", F.adaptive_avg_pool2d), ("AdaptiveMaxPool2d", F.adaptive_max_pool2d)]:
        for size in [(2, 3), (5, 4), (1, 1)]:
            cases.add(kind, f"to {size[0]}x{size[1]}", {"size": list(size)}, [(2, 5, 7, 3)],
                      lambda x, f=function, s=size: nhwc(f(nchw(x), s)))
    cases.add("GlobalAveragePool", "pixels", {}, [(2, 3, 5, 4)], lambda x: x.mean((1, 2), keepdim=True))
    cases.add("GlobalMaxPool", "pixels", {}, [(2, 3, 5, 4)], lambda x: nhwc(F.adaptive_max_pool2d(nchw(x), 1)))
    window = {"window": [3, 3], "stride": [2, 2], "padding": [1, 1, 1, 1]}
    cases.add("MaxPool2d", "3x3 stride 2", window, [(2, 6, 7, 3)], lambda x: nhwc(F.max_pool2d(nchw(x), 3, 2, 1)))
    cases.add("AveragePool2d", "3x3 stride 2", {**window, "count_include_pad": 0}, [(2, 6, 7, 3)],
              lambda x: nhwc(F.avg_pool2d(nchw(x), 3, 2, 1, count_include_pad=False)))
    cases.add("AveragePool2d", "ceil, padding counted", {**window, "ceil_mode": 1, "count_include_pad": 1}, [(2, 6, 7, 3)],
              lambda x: nhwc(F.avg_pool2d(nchw(x), 3, 2, 1, ceil_mode=True, count_include_pad=True)))


def normalizations(cases):
    cases.add("LayerNorm", "rows", {}, [(3, 2, 9), (9,), (9,)], lambda x, g, b: F.layer_norm(x, (9,), g, b, 1e-5))
    cases.add("LayerNorm", "three dimensions", {"dimensions": 3, "epsilon": 0.01}, [(2, 3, 2, 4), (3, 2, 4), (3, 2, 4)],
              lambda x, g, b: F.layer_norm(x, (3, 2, 4), g, b, 0.01))
    cases.add("GroupNorm", "three groups", {"groups": 3}, [(2, 3, 4, 6), (6,), (6,)],
              lambda x, g, b: nhwc(F.group_norm(nchw(x), 3, g, b, 1e-5)))
    cases.add("GroupNorm", "one group, ReLU", {"groups": 1, "relu": 1}, [(2, 3, 2, 5), (5,), (5,)],
              lambda x, g, b: nhwc(F.relu(F.group_norm(nchw(x), 1, g, b, 1e-5))))
    cases.add("InstanceNorm", "plain", {"epsilon": 0.001}, [(2, 4, 3, 5), (5,), (5,)],
              lambda x, g, b: nhwc(F.instance_norm(nchw(x), weight=g, bias=b, eps=0.001)))
    cases.add("LocalResponseNorm", "defaults", {}, [(2, 3, 3, 11)], lambda x: nhwc(F.local_response_norm(nchw(x), 5, 1e-4, 0.75, 1.0)))
    cases.add("LocalResponseNorm", "strong", {"size": 3, "alpha": 0.5, "beta": 0.5, "bias": 2.0}, [(1, 2, 3, 7)],
              lambda x: nhwc(F.local_response_norm(nchw(x), 3, 0.5, 0.5, 2.0)))


def elements(cases):
    cases.add("PRelu", "channels", {}, [(2, 3, 4, 5), (5,)], lambda x, s: nhwc(F.prelu(nchw(x), s)))
    cases.add("PRelu", "one for all", {}, [(2, 3, 5), (1,)], F.prelu)
    cases.add("Softmax", "rows", {}, [(3, 2, 7)], lambda x: F.softmax(x, -1))
    cases.add("LogSoftmax", "rows", {}, [(3, 2, 7)], lambda x: F.log_softmax(x, -1))
    for name, function in [("Add", torch.add), ("Subtract", torch.sub), ("Multiply", torch.mul), ("Minimum", torch.minimum),
                           ("Maximum", torch.maximum), ("Divide", torch.div)]:
        for shapes in [[(2, 3, 4), (2, 3, 4)], [(2, 3, 4), (3, 1)], [(1, 4), (2, 3, 1)]]:
            shape = " and ".join("x".join(str(n) for n in s) for s in shapes)
            cases.add("Binary", f"{name} {shape}", {"operation": name}, shapes, function)
    for name, function in [("Exponential", torch.exp), ("Negate", torch.neg), ("Absolute", torch.abs), ("Reciprocal", torch.reciprocal)]:
        cases.add("Unary", name, {"operation": name}, [(2, 3, 5)], function)
    cases.add("Unary", "square", {"operation": "Power", "exponent": 2.0}, [(2, 3, 5)], lambda x: x**2)
    cases.add("ReduceSum", "channels", {"axes": [-1], "keep_dimensions": 1}, [(2, 3, 4)], lambda x: x.sum(-1, keepdim=True))
    cases.add("ReduceMean", "pixels, dropped", {"axes": [1, 2], "keep_dimensions": 0}, [(2, 3, 4, 5)], lambda x: x.mean((1, 2)))


def moves(cases):
    cases.add("Concat", "channels", {"axis": -1}, [(2, 3, 2), (2, 3, 4), (2, 3, 1)], lambda *x: torch.cat(x, -1))
    cases.add("Split", "channels", {"sizes": [2, 1, 4], "axis": 2}, [(2, 3, 7)], lambda x: torch.split(x, [2, 1, 4], 2))
    cases.add("Slice", "steps", {"axes": [0, 2], "starts": [1, 0], "ends": [3, -1], "steps": [1, 3]}, [(4, 2, 9)],
              lambda x: x[1:3, :, 0:-1:3])
    cases.add("Transpose", "to NCHW", {"axes": [0, 3, 1, 2]}, [(2, 3, 4, 5)], lambda x: x.permute(0, 3, 1, 2))
    for mode, theirs in [("Constant", "constant"), ("Reflect", "reflect"), ("Edge", "replicate"), ("Wrap", "circular")]:
        attributes = {"before": [0, 2, 1, 0], "after": [0, 1, 2, 0], "mode": mode, "value": 0.25 if mode == "Constant" else 0.0}
        cases.add("Pad", mode, attributes, [(2, 4, 3, 2)],
                  lambda x, m=theirs: nhwc(F.pad(nchw(x), (1, 2, 2, 1), m, 0.25) if m == "constant" else F.pad(nchw(x), (1, 2, 2, 1), m)))

    def resized(size, **arguments):
        return lambda x: nhwc(F.interpolate(nchw(x), size=size, **arguments))

    cases.add("Resize", "nearest", {"size": [7, 5], "mode": "Nearest", "coordinates": "Asymmetric", "nearest": "Floor"}, [(2, 3, 4, 3)],
              resized((7, 5), mode="nearest"))
    cases.add("Resize", "bilinear", {"size": [7, 5], "mode": "Linear"}, [(2, 3, 4, 3)], resized((7, 5), mode="bilinear"))
    cases.add("Resize", "bilinear, corners", {"size": [2, 6], "mode": "Linear", "coordinates": "AlignCorners"}, [(1, 3, 4, 2)],
              resized((2, 6), mode="bilinear", align_corners=True))
    cases.add("Resize", "bicubic", {"size": [6, 9], "mode": "Cubic"}, [(1, 4, 5, 2)], resized((6, 9), mode="bicubic"))
    cases.add("Resize", "doubled", {"scale": [2.0, 2.0], "mode": "Linear"}, [(1, 3, 3, 2)], resized((6, 6), mode="bilinear"))


def main():
    torch.set_num_threads(1)
    cases = Cases()
    for make in [convolutions, pooling, normalizations, elements, moves]:
        make(cases)
    names = [case["name"] for case in cases.list]
    assert len(names) == len(set(names)), "Tests find a case by its name."
    with open(os.path.join(FOLDER, "operator_gradients.json"), "w", encoding="ascii", newline="\n") as file:
        lines = ",\n".join(json.dumps(case, separators=(",", ":"), allow_nan=False) for case in cases.list)
        file.write(f'{{"torch":"{torch.__version__}","cases":[\n{lines}\n]}}\n')
    print(f"PyTorch {torch.__version__}: {len(names)} cases.")


main()
