#!/usr/bin/env python3
# Writes resize_golden.h: resized images and gradients from PyTorch (torch.nn.functional.interpolate, in float64) and, where
# PyTorch has no such option, from the definition of ONNX's Resize in exact fractions. Run it in this directory.
from fractions import Fraction
from math import ceil, floor

import torch

HALF, SYMMETRIC, PYTORCH_HALF, ALIGN, ASYMMETRIC = range(5)
NEAREST, LINEAR, CUBIC = range(3)
PREFER_FLOOR, PREFER_CEIL, FLOOR, CEIL = range(4)


def case(mode, coordinates, sizes, nearest=0, antialias=0, exclude=0, a=-0.75, scales=(0, 0), torch_mode=None):
    return dict(mode=mode, coordinates=coordinates, sizes=sizes, nearest=nearest, antialias=antialias, exclude=exclude,
                a=a, scales=scales, torch=torch_mode)


UP, DOWN, MIXED, ONE = (4, 5, 7, 9), (9, 8, 4, 3), (5, 8, 9, 3), (6, 5, 1, 1)  # input height, width, output height, width
CASES = [case(NEAREST, ASYMMETRIC, s, FLOOR, torch_mode="nearest") for s in (UP, DOWN)]
CASES += [case(NEAREST, HALF, s, PREFER_CEIL, torch_mode="nearest-exact") for s in (UP, DOWN)]
CASES += [case(LINEAR, HALF, s, torch_mode="bilinear") for s in (UP, DOWN, MIXED)]
CASES += [case(LINEAR, ALIGN, s, torch_mode="bilinear") for s in (UP, DOWN, ONE)]
CASES += [case(CUBIC, HALF, s, torch_mode="bicubic") for s in (UP, DOWN)]
CASES += [case(CUBIC, ALIGN, UP, torch_mode="bicubic")]
CASES += [case(LINEAR, HALF, s, antialias=1, exclude=1, torch_mode="bilinear") for s in (DOWN, MIXED)]
CASES += [case(CUBIC, HALF, s, antialias=1, exclude=1, a=-0.5, torch_mode="bicubic") for s in (DOWN, MIXED)]
CASES += [case(LINEAR, HALF, (4, 5, 6, 8), scales=(Fraction(13, 8), Fraction(7, 4)), torch_mode="bilinear")]
CASES += [case(NEAREST, ASYMMETRIC, (4, 5, 8, 10), n) for n in range(4)]
CASES += [case(NEAREST, ALIGN, (6, 6, 3, 11), n) for n in range(4)]
CASES += [case(LINEAR, SYMMETRIC, (4, 5, 2, 3), scales=(Fraction(5, 8), Fraction(3, 4)))]
CASES += [case(LINEAR, PYTORCH_HALF, ONE), case(LINEAR, ASYMMETRIC, UP), case(CUBIC, ASYMMETRIC, DOWN, a=-0.5, exclude=1)]
CASES += [case(m, HALF, DOWN, antialias=1) for m in (LINEAR, CUBIC)]
CASES += [case(CUBIC, HALF, UP, exclude=1)]


def coordinate(c, o, size, out, scale):
    if c == ALIGN:
        return Fraction(o * (size - 1), out - 1) if out > 1 else Fraction(0)
    if c == ASYMMETRIC:
        return o / scale
    if c == PYTORCH_HALF and out == 1:
        return Fraction(0)
    x = (o + Fraction(1, 2)) / scale - Fraction(1, 2)
    if c == SYMMETRIC:
        x += Fraction(size, 2) * (1 - out / (scale * size))
    return x


def cubic(x, a):
    x = abs(x)
    if x <= 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a if x < 2 else Fraction(0)


def weights(k, o, size, out, scale):
    """The row of the matrix for output o, as ONNX's reference implementation finds it."""
    scale = scale or Fraction(out, size)
    x = coordinate(k["coordinates"], o, size, out, scale)
    left = ceil(x) - 1
    ratio = x - left  # in (0, 1]
    stretch = min(scale, Fraction(1)) if k["antialias"] else Fraction(1)
    a = Fraction(k["a"])
    if k["mode"] == NEAREST:
        half = Fraction(1, 2)
        right = ratio == 1 or [ratio > half, ratio >= half, False, True][k["nearest"]]
        start, row = 0, [Fraction(not right), Fraction(right)]
    elif k["mode"] == LINEAR:
        start = floor(-1 / stretch) + 1
        row = [max(Fraction(0), 1 - abs((i - ratio) * stretch)) for i in range(start, 2 - start)]
    else:
        start = floor(-2 / stretch) + 1
        row = [cubic(stretch * (i - ratio), a) for i in range(start, 2 - start)]
    places = [left + start + i for i in range(len(row))]
    if k["exclude"]:
        row = [w if 0 <= p < size else Fraction(0) for w, p in zip(row, places)]
    dense = [Fraction(0)] * size
    for w, p in zip(row, places):
        dense[min(max(p, 0), size - 1)] += w / sum(row)
    return [float(w) for w in dense]


def run(k, x):
    """x is 1 x channels x height x width."""
    height, width, out_height, out_width = k["sizes"]
    if k["torch"] is None:
        rows = torch.tensor([weights(k, o, height, out_height, k["scales"][0]) for o in range(out_height)]).double()
        columns = torch.tensor([weights(k, o, width, out_width, k["scales"][1]) for o in range(out_width)]).double()
        return rows @ x @ columns.T
    options = {}
    if k["torch"].startswith("bi"):
        options = dict(align_corners=k["coordinates"] == ALIGN, antialias=bool(k["antialias"]))
    if k["scales"][0]:
        options["scale_factor"] = tuple(float(s) for s in k["scales"])
    else:
        options["size"] = (out_height, out_width)
    return torch.nn.functional.interpolate(x, mode=k["torch"], **options)


def nhwc(x):
    return [float(v) for v in x.detach().permute(0, 2, 3, 1).flatten()]


CHANNELS = 2
lines, values = [], []
for k in CASES:
    height, width, out_height, out_width = k["sizes"]
    n, m = height * width * CHANNELS, out_height * out_width * CHANNELS
    x = torch.tensor([((i * 37) % 101 - 50) / 16 for i in range(n)]).double()
    x = x.reshape(1, height, width, CHANNELS).permute(0, 3, 1, 2).requires_grad_()
    gradient = torch.tensor([((i * 53) % 97 - 48) / 16 for i in range(m)]).double()
    gradient = gradient.reshape(1, out_height, out_width, CHANNELS).permute(0, 3, 1, 2)
    y = run(k, x)
    assert tuple(y.shape[2:]) == (out_height, out_width)
    y.backward(gradient)
    a, b = (float(s) for s in k["scales"])
    lines.append(f"{{{height}, {width}, {out_height}, {out_width}, {k['mode']}, {k['coordinates']}, {k['nearest']}, "
                 f"{k['antialias']}, {k['exclude']}, {k['a']}, {a}, {b}}}")
    values += nhwc(y) + nhwc(x.grad)

with open("resize_golden.h", "w") as file:
    file.write("/* resize_golden.h - written by make_resize_golden.py from PyTorch " + torch.__version__.split("a")[0] +
               " and ONNX's definition; do not edit.\n * For each case its outputs, then its input's gradient. */\n")
    file.write("#ifndef RESIZE_GOLDEN_H\n#define RESIZE_GOLDEN_H\n\n/* clang-format off */\n")
    file.write("static const resize_golden golden_cases[] = {\n    " + ",\n    ".join(lines) + "};\n\n")
    file.write("static const double golden_values[] = {\n")
    for i in range(0, len(values), 12):
        file.write("    " + ", ".join(f"{v:.8g}" for v in values[i:i + 12]) + ",\n")
    file.write("};\n/* clang-format on */\n\n#endif\n")
