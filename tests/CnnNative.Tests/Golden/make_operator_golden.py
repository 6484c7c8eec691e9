#!/usr/bin/env python3
"""Makes operators.json, tutorial.json and chelsea_300_gray.png: what PyTorch computes for the operators of CnnNative.

Run it with PyTorch, NumPy and Pillow, for example Debian's packages python3-torch and python3-pil:

    /usr/bin/python3 tests/CnnNative.Tests/Golden/make_operator_golden.py

The checked-in files were made with PyTorch 1.13.0a0 (Debian 1.13.1+dfsg-4) and Pillow 9.4.0; the versions stand in the files.

Expected values are computed by PyTorch in double precision from float32 inputs and rounded to float32 once, so a test's
tolerance has to cover the rounding of the implementation under test only.

Inputs are not stored. Both sides generate them from a seed (see `hashed`), in the order of the tensor as CnnNative lays it
out: NHWC for pictures and OHWI for weights. An input that a formula cannot give is stored as a list of values.
"""

import json
import math
import os

import numpy
import PIL
import torch
import torch.nn.functional as F
from PIL import Image

FOLDER = os.path.dirname(os.path.abspath(__file__))
CHELSEA = os.path.join(FOLDER, "../../../src/CnnNative.Cli/Assets/chelsea.png")


# ---------------------------------------------------------------- tensors

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


class Input:
    """A tensor of a case: `array` in double precision, and how the file describes it."""

    def __init__(self, shape, seed=None, values=None):
        self.shape = list(shape)
        if values is None:
            self.array = hashed(shape, seed)
            self.json = {"shape": self.shape, "seed": seed}
        else:
            rounded = numpy.array(values, dtype=numpy.float32)
            self.array = rounded.astype(numpy.float64).reshape(shape)
            self.json = {"shape": self.shape, "values": numbers(rounded)}


def numbers(array):
    """Float32 values as the shortest decimals that read back exactly; the JSON grammar has no infinities and no NaN."""
    def one(value):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        return float(str(value))
    return [one(value) for value in numpy.asarray(array, dtype=numpy.float32).ravel()]


def nchw(array):
    return torch.from_numpy(numpy.ascontiguousarray(array)).permute(0, 3, 1, 2)


def nhwc(tensor):
    return tensor.permute(0, 2, 3, 1).contiguous().numpy()


# ---------------------------------------------------------------- cases

class Cases:
    def __init__(self):
        self.list = []

    def add(self, kind, name, options, inputs, expected):
        self.list.append({
            "name": f"{kind}: {name}", "kind": kind, "options": options, "inputs": [i.json for i in inputs],
            "expected": {"shape": list(expected.shape), "values": numbers(expected)},
        })


def same_padding(size, window, stride, dilation, lower):
    """TensorFlow's SAME: the output has ceil(size / stride) positions; an odd rest goes to the end, or to the start if `lower`.

    total = max(0, (ceil(size / stride) - 1) * stride + (window - 1) * dilation + 1 - size)
    """
    output = -(-size // stride)
    total = max(0, (output - 1) * stride + (window - 1) * dilation + 1 - size)
    before = (total + 1) // 2 if lower else total // 2
    return before, total - before


def resolve_padding(padding, height, width, window, stride, dilation):
    """The mode's name and its padding in the order top, left, bottom, right."""
    if isinstance(padding, str):
        lower = padding == "same_lower"
        top, bottom = same_padding(height, window[0], stride[0], dilation[0], lower)
        left, right = same_padding(width, window[1], stride[1], dilation[1], lower)
        return padding, [top, left, bottom, right]
    return "explicit", list(padding)


def pad(tensor, padding, value=0.0):
    top, left, bottom, right = padding
    return F.pad(tensor, (left, right, top, bottom), value=value)


def exponential(x, positive_scale, negative_scale):
    return torch.where(x > 0, positive_scale * x, negative_scale * torch.expm1(torch.clamp(x, max=0)))


def activate(x, kind, alpha):
    own = {
        "none": lambda: x, "relu": lambda: F.relu(x), "leaky_relu": lambda: F.leaky_relu(x, alpha), "tanh": lambda: torch.tanh(x),
        "sigmoid": lambda: torch.sigmoid(x), "elu": lambda: F.elu(x, alpha), "selu": lambda: F.selu(x), "gelu": lambda: F.gelu(x),
        "silu": lambda: F.silu(x), "hard_swish": lambda: F.hardswish(x),
    }[kind]()
    # PyTorch computes exp(x) - 1 and 1 + erf(x), which cancel for x near 0 and for large negative x. Its functions expm1 and
    # erfc give the same without that loss; that it is the same, up to the loss, is checked here.
    accurate = {
        "elu": lambda: exponential(x, 1, alpha),
        "selu": lambda: exponential(x, 1.0507009873554804934193349852946, 1.0507009873554804934193349852946
                                    * 1.6732632423543772848170429916717),
        "gelu": lambda: 0.5 * x * torch.special.erfc(-x / math.sqrt(2)),
    }.get(kind, lambda: own)()
    assert torch.allclose(accurate, own, rtol=1e-12, atol=1e-14, equal_nan=True)
    return accurate


def float32(value):
    return float(numpy.float32(value))


def conv2d(cases, name, size, channels, kernel, padding=(0, 0, 0, 0), stride=(1, 1), dilation=(1, 1), groups=1, batch=1,
           bias=True, activation="none", alpha=0.0):
    height, width = size
    input_channels, output_channels = channels
    mode, resolved = resolve_padding(padding, height, width, kernel, stride, dilation)
    seed = 3 * len(cases.list)
    inputs = [Input((batch, height, width, input_channels), seed + 1),
              Input((output_channels, *kernel, input_channels // groups), seed + 2)]
    if bias:
        inputs.append(Input((output_channels,), seed + 3))
    result = F.conv2d(pad(nchw(inputs[0].array), resolved), nchw(inputs[1].array),
                      torch.from_numpy(inputs[2].array) if bias else None, stride, 0, dilation, groups)
    options = {"stride": stride, "dilation": dilation, "padding_mode": mode, "padding": resolved, "groups": groups,
               "activation": activation, "alpha": numbers([alpha])[0]}
    cases.add("conv2d", name, options, inputs, nhwc(activate(result, activation, float32(alpha))))


def conv2d_cases(cases):
    conv2d(cases, "1x1", (6, 7), (5, 17), (1, 1))
    conv2d(cases, "1x1 without bias, batch 2", (4, 5), (3, 8), (1, 1), batch=2, bias=False)
    conv2d(cases, "1x1 stride 2", (7, 8), (16, 9), (1, 1), stride=(2, 2))
    conv2d(cases, "1x1 with padding", (3, 4), (4, 5), (1, 1), padding=(1, 0, 2, 1))
    conv2d(cases, "3x3 on one channel", (9, 11), (1, 1), (3, 3), padding=(1, 1, 1, 1), bias=False)
    conv2d(cases, "3x3 from 1 to 16 channels, same, relu", (7, 9), (1, 16), (3, 3), padding="same", activation="relu")
    conv2d(cases, "3x3 from 3 to 17 channels, batch 2", (6, 5), (3, 17), (3, 3), padding=(1, 1, 1, 1), batch=2)
    conv2d(cases, "3x3 from 17 to 5 channels, valid", (6, 7), (17, 5), (3, 3))
    conv2d(cases, "3x3 from 32 to 32 channels", (5, 6), (32, 32), (3, 3), padding=(1, 1, 1, 1))
    conv2d(cases, "3x3 stride 2", (9, 8), (8, 12), (3, 3), padding=(1, 1, 1, 1), stride=(2, 2))
    conv2d(cases, "3x3 stride 2, same on an even size", (8, 10), (5, 6), (3, 3), padding="same", stride=(2, 2))
    conv2d(cases, "3x3 stride 2, same lower on an even size", (8, 10), (5, 6), (3, 3), padding="same_lower", stride=(2, 2))
    conv2d(cases, "3x3 stride 2x1", (9, 8), (3, 7), (3, 3), padding=(1, 1, 1, 1), stride=(2, 1))
    conv2d(cases, "3x3 dilation 2", (9, 9), (4, 6), (3, 3), padding=(2, 2, 2, 2), dilation=(2, 2))
    conv2d(cases, "3x3 dilation 1x3, same", (6, 10), (3, 5), (3, 3), padding="same", dilation=(1, 3))
    conv2d(cases, "5x5 from 3 to 8 channels, selu", (9, 8), (3, 8), (5, 5), padding=(2, 2, 2, 2), activation="selu")
    conv2d(cases, "5x5 stride 3", (11, 13), (2, 9), (5, 5), padding=(2, 2, 2, 2), stride=(3, 3), bias=False)
    conv2d(cases, "7x7 stride 2 from 3 channels", (15, 14), (3, 8), (7, 7), padding=(3, 3, 3, 3), stride=(2, 2))
    conv2d(cases, "4x2, same", (6, 7), (3, 5), (4, 2), padding="same")
    conv2d(cases, "4x2, same lower", (6, 7), (3, 5), (4, 2), padding="same_lower")
    conv2d(cases, "1x7", (5, 9), (4, 6), (1, 7), padding=(0, 3, 0, 3))
    conv2d(cases, "7x1", (9, 5), (4, 6), (7, 1), padding=(3, 0, 3, 0))
    conv2d(cases, "asymmetric padding", (6, 7), (3, 5), (3, 3), padding=(0, 2, 3, 1))
    conv2d(cases, "5x5 on a picture of 2x3", (2, 3), (3, 4), (5, 5), padding=(2, 2, 2, 2))
    conv2d(cases, "whole picture under the kernel", (5, 6), (3, 10), (5, 6), batch=2)
    conv2d(cases, "2 groups", (6, 6), (8, 10), (3, 3), padding=(1, 1, 1, 1), groups=2)
    conv2d(cases, "3 groups of 1x1, batch 2", (4, 5), (9, 6), (1, 1), groups=3, batch=2)
    conv2d(cases, "4 groups of 17 channels, stride 2", (5, 5), (12, 68), (3, 3), padding=(1, 1, 1, 1), groups=4, stride=(2, 2))
    conv2d(cases, "depthwise 3x3 on 17 channels", (6, 7), (17, 17), (3, 3), padding=(1, 1, 1, 1), groups=17)
    conv2d(cases, "depthwise 3x3 on 3 channels, batch 2", (7, 9), (3, 3), (3, 3), padding="same", groups=3, batch=2)
    conv2d(cases, "depthwise 3x3 stride 2", (9, 8), (8, 8), (3, 3), padding="same", groups=8, stride=(2, 2), bias=False)
    conv2d(cases, "depthwise 5x5 dilation 2, hard swish", (9, 10), (5, 5), (5, 5), padding="same", groups=5, dilation=(2, 2),
           activation="hard_swish")
    conv2d(cases, "depth multiplier 2", (6, 5), (5, 10), (3, 3), padding=(1, 1, 1, 1), groups=5)
    conv2d(cases, "depth multiplier 3, stride 2", (7, 8), (4, 12), (3, 3), padding="same", groups=4, stride=(2, 2))
    conv2d(cases, "leaky relu", (5, 6), (6, 7), (3, 3), padding="same", activation="leaky_relu", alpha=0.1)
    conv2d(cases, "elu", (4, 5), (3, 4), (3, 3), padding="same", activation="elu", alpha=0.5)
    conv2d(cases, "tanh", (4, 5), (3, 4), (3, 3), padding="same", activation="tanh")
    conv2d(cases, "sigmoid", (4, 5), (3, 4), (3, 3), padding="same", activation="sigmoid")
    conv2d(cases, "gelu", (4, 5), (3, 4), (3, 3), padding="same", activation="gelu")
    conv2d(cases, "silu", (4, 5), (3, 4), (3, 3), padding="same", activation="silu")
    conv2d(cases, "stride larger than the kernel", (9, 11), (3, 4), (2, 2), stride=(3, 4))
    conv2d(cases, "one pixel", (1, 1), (33, 7), (1, 1))


def linear_cases(cases):
    for rows, features, outputs, bias, activation in [(1, 3, 5, True, "none"), (4, 17, 10, True, "relu"), (2, 64, 33, False, "none"),
                                                      (7, 128, 1, True, "sigmoid"), (3, 1, 4, True, "none")]:
        seed = 3 * len(cases.list)
        inputs = [Input((rows, features), seed + 1), Input((outputs, features), seed + 2)]
        if bias:
            inputs.append(Input((outputs,), seed + 3))
        result = F.linear(*[torch.from_numpy(i.array) for i in inputs])
        cases.add("linear", f"{rows} x {features} to {outputs}{'' if bias else ' without bias'}, {activation}",
                  {"activation": activation, "alpha": 0}, inputs, activate(result, activation, 0.0).numpy())


def pool(cases, kind, name, size, channels, window, padding=(0, 0, 0, 0), stride=None, dilation=(1, 1), batch=1, ceil_mode=False,
         count_include_pad=False):
    height, width = size
    stride = stride or window
    mode, resolved = resolve_padding(padding, height, width, window, stride, dilation)
    given = Input((batch, height, width, channels), 3 * len(cases.list) + 1)
    x = nchw(given.array)
    symmetric = resolved[:2] == resolved[2:] and 2 * resolved[0] <= window[0] and 2 * resolved[1] <= window[1]
    assert symmetric or not ceil_mode, "PyTorch alone decides how ceil_mode treats padding, and it pads symmetrically."
    if kind == "max_pool2d":
        own = resolved[:2] if symmetric else (0, 0)
        result = F.max_pool2d(x if symmetric else pad(x, resolved, -math.inf), window, stride, own, dilation, ceil_mode)
    elif symmetric:
        result = F.avg_pool2d(x, window, stride, resolved[:2], ceil_mode, count_include_pad)
    else:
        inside = pad(torch.ones_like(x), resolved, 1.0 if count_include_pad else 0.0)
        result = F.avg_pool2d(pad(x, resolved), window, stride) / F.avg_pool2d(inside, window, stride)
    options = {"window": window, "stride": stride, "dilation": dilation, "padding_mode": mode, "padding": resolved,
               "ceil_mode": ceil_mode, "count_include_pad": count_include_pad}
    cases.add(kind, name, options, [given], nhwc(result))


def pool_cases(cases):
    for kind in ["max_pool2d", "average_pool2d"]:
        pool(cases, kind, "2x2", (6, 8), 3, (2, 2), batch=2)
        pool(cases, kind, "2x2 same on an odd size", (7, 9), 1, (2, 2), padding="same")
        pool(cases, kind, "2x2 same lower on an odd size", (7, 9), 2, (2, 2), padding="same_lower")
        pool(cases, kind, "3x3 stride 2 with padding", (8, 9), 17, (3, 3), padding=(1, 1, 1, 1), stride=(2, 2))
        pool(cases, kind, "3x3 stride 2, rounded up", (8, 10), 5, (3, 3), stride=(2, 2), ceil_mode=True)
        pool(cases, kind, "3x3 stride 2 with padding, rounded up", (8, 9), 5, (3, 3), padding=(1, 1, 1, 1), stride=(2, 2),
             ceil_mode=True)
        pool(cases, kind, "2x2 stride 3 with padding, last window left out", (5, 6), 3, (2, 2), padding=(1, 1, 1, 1), stride=(3, 3),
             ceil_mode=True)
        pool(cases, kind, "3x2 stride 1x2", (5, 6), 8, (3, 2), stride=(1, 2))
        pool(cases, kind, "3x3 same stride 1", (5, 6), 4, (3, 3), padding="same", stride=(1, 1))
        pool(cases, kind, "asymmetric padding", (5, 6), 3, (3, 3), padding=(0, 1, 2, 0), stride=(2, 1))
    for dilation, padding in [((2, 2), (1, 1, 1, 1)), ((1, 3), (0, 0, 0, 0))]:
        pool(cases, "max_pool2d", f"3x3 dilation {dilation[0]}x{dilation[1]}", (9, 10), 3, (3, 3), padding=padding, stride=(2, 1),
             dilation=dilation)
    pool(cases, "max_pool2d", "3x3 dilation 2, rounded up", (10, 9), 2, (3, 3), padding=(1, 1, 1, 1), stride=(2, 2), dilation=(2, 2),
         ceil_mode=True)
    for name, size, arguments in [
            ("3x3 with padding", (7, 6), {"padding": (1, 1, 1, 1), "stride": (2, 2)}),
            ("3x3 with padding, rounded up", (8, 9), {"padding": (1, 1, 1, 1), "stride": (2, 2), "ceil_mode": True}),
            ("3x3 rounded up", (8, 10), {"stride": (2, 2), "ceil_mode": True}),
            ("3x3 asymmetric padding", (5, 6), {"padding": (0, 1, 2, 0), "stride": (2, 1)})]:
        pool(cases, "average_pool2d", f"{name}, padding counted", size, 5, (3, 3), count_include_pad=True, **arguments)
    for batch, height, width, channels in [(1, 7, 7, 17), (2, 1, 1, 3), (3, 5, 4, 1)]:
        given = Input((batch, height, width, channels), 3 * len(cases.list) + 1)
        result = F.adaptive_avg_pool2d(nchw(given.array), 1)
        cases.add("global_average_pool", f"{batch}x{height}x{width}x{channels}", {}, [given], nhwc(result).reshape(batch, channels))


SPECIAL = [0.0, -0.0, 1e-45, -1e-45, 1e-38, -1e-38, 1e-20, -1e-20, 1e-7, -1e-7, 1e-4, -1e-4, 0.01, -0.01, 0.1, -0.1, 0.25, -0.25,
           0.46, -0.46, 0.66, -0.66, 0.67, -0.67, 0.7, -0.7, 1.0, -1.0, 1.5, -1.5, 2.0, -2.0, 2.999, -2.999, 3.0, -3.0, 3.5, -3.5,
           4.0, -4.0, 5.0, -5.0, 5.7, -5.7, 6.0, -6.0, 8.0, -8.0, 9.0, -9.0, 10.0, -10.0, 12.0, -12.0, 13.0, -13.0, 16.0, -16.0,
           17.0, -17.0, 20.0, -20.0, 50.0, -50.0, 80.0, -80.0, 87.0, -87.0, 88.5, -88.5, 90.0, -90.0, 100.0, -100.0, 103.5, -103.5,
           200.0, -200.0, 1000.0, -1000.0, 1e5, -1e5, 1e20, -1e20, 5e37, -5e37, math.inf, math.nan]


def activation_cases(cases):
    for kind, alpha in [("none", 0.0), ("relu", 0.0), ("leaky_relu", 0.01), ("leaky_relu", 0.3), ("tanh", 0.0), ("sigmoid", 0.0),
                        ("elu", 1.0), ("elu", 0.3), ("selu", 0.0), ("gelu", 0.0), ("silu", 0.0), ("hard_swish", 0.0)]:
        # x times a factor that becomes zero has no value at negative infinity.
        tail = [] if kind in ["gelu", "silu", "hard_swish"] else [-math.inf]
        values = SPECIAL + tail
        given = Input((len(values),), values=values)
        result = activate(torch.from_numpy(given.array), kind, float32(alpha))
        name = f"{kind} {alpha}" if alpha else kind
        cases.add("activation", name, {"activation": kind, "alpha": numbers([alpha])[0]}, [given], result.numpy())


def softmax_cases(cases):
    rows = [[0, 0, 0, 0, 0], [1000, 1001, 999, 1000, -1000], [-1000, -1001, -1002, -1003, -1004], [3e38, 3e38, -3e38, 0, 1],
            [-math.inf, 0, 1, 2, -math.inf], [50, 0, -50, -100, -104]]
    large = Input((len(rows), 5), values=rows)
    for name, given in [("large logits", large), ("17 channels", Input((4, 17), 901)), ("1 channel", Input((3, 1), 902)),
                        ("1000 channels", Input((1, 1000), 903))]:
        cases.add("softmax", name, {}, [given], torch.softmax(torch.from_numpy(given.array), 1).numpy())


def elementwise_cases(cases):
    for kind, count in [("none", 37), ("relu", 64), ("gelu", 19)]:
        inputs = [Input((count,), 910 + count), Input((count,), 911 + count)]
        result = torch.add(*[torch.from_numpy(i.array) for i in inputs])
        cases.add("add", f"{count} elements, {kind}", {"activation": kind, "alpha": 0}, inputs, activate(result, kind, 0.0).numpy())
    for channels in [(3, 5), (1, 17, 4), (8,)]:
        inputs = [Input((2, 3, 4, c), 930 + c) for c in channels]
        result = torch.cat([torch.from_numpy(i.array) for i in inputs], dim=3)
        cases.add("concat", " + ".join(str(c) for c in channels) + " channels", {}, inputs, result.numpy())


# ---------------------------------------------------------------- tutorial

def digest(tensor, sample_stride):
    """Enough of a picture to notice any error: its extremes, its mean, and every sample_stride-th element."""
    values = nhwc(tensor)
    return {"shape": list(values.shape), "min": values.min(), "max": values.max(), "mean": values.mean(),
            "sample_stride": sample_stride, "samples": numbers(values.ravel()[::sample_stride])}


def tutorial():
    """The three steps on a photograph: edges by a Laplacian, ReLU, max pooling. The strides of the samples are prime to the
    widths (300 and 150), so that the samples visit every column."""
    gray = Image.open(CHELSEA).convert("L").resize((300, 300), Image.BILINEAR)
    gray.save(os.path.join(FOLDER, "chelsea_300_gray.png"), optimize=True)
    pixels = (numpy.asarray(gray).astype(numpy.float32) / numpy.float32(255)).astype(numpy.float64)
    image = torch.from_numpy(pixels).reshape(1, 1, 300, 300)
    laplacian = torch.full((1, 1, 3, 3), -1.0, dtype=torch.float64)
    laplacian[0, 0, 1, 1] = 8
    edges = F.conv2d(F.pad(image, (1, 1, 1, 1)), laplacian)
    active = F.relu(edges)
    pooled = F.max_pool2d(active, 2, 2)
    return {"torch": torch.__version__, "pillow": PIL.__version__, "image": "chelsea_300_gray.png",
            "steps": {"image": digest(image, 43), "edges": digest(edges, 43), "active": digest(active, 43),
                      "pooled": digest(pooled, 11)}}


def dump(value):
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def write(name, value):
    """One case a line, so that a difference between two versions of the file can be read."""
    with open(os.path.join(FOLDER, name), "w", encoding="ascii", newline="\n") as file:
        fields = []
        for key, field in value.items():
            if isinstance(field, list):
                text = "[\n" + ",\n".join(dump(item) for item in field) + "\n]"
            else:
                text = dump(field)
            fields.append(f'"{key}": {text}')
        file.write("{\n" + ",\n".join(fields) + "\n}\n")


def main():
    torch.set_num_threads(1)
    cases = Cases()
    for make in [conv2d_cases, linear_cases, pool_cases, activation_cases, softmax_cases, elementwise_cases]:
        make(cases)
    names = [case["name"] for case in cases.list]
    assert len(names) == len(set(names)), "Tests find a case by its name."
    write("operators.json", {"torch": torch.__version__, "cases": cases.list})
    write("tutorial.json", tutorial())
    print(f"PyTorch {torch.__version__}: {len(names)} cases.")


main()
