"""Writes norm_golden.h: what PyTorch, in float64, gives for small normalisations and poolings and their gradients.

Run with any Python that has torch:  python3 make_norm_golden.py > norm_golden.h
The data is a fixed sequence, so the file only changes when a case does. Tensors are NHWC in the tables.
"""
import torch
import torch.nn.functional as F

SHAPE = (2, 4, 3, 5)  # batch, channels, height, width


def sequence(count, seed):
    """Multiples of 1/64, which float32 holds exactly, without ties among neighbours."""
    state, values = seed, []
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        values.append(((state >> 12) % 385 - 192) / 64)
    return torch.tensor(values, dtype=torch.float64)


def nhwc(t):
    return t.detach().permute(0, 2, 3, 1).reshape(-1) if t.dim() == 4 else t.detach().reshape(-1)


def table(name, values, kind="double"):
    values = nhwc(values) if isinstance(values, torch.Tensor) else values
    form = (lambda v: str(int(v))) if kind == "int32_t" else (lambda v: f"{float(v):.12g}")
    words, lines, line = [form(v) for v in values], [], "   "
    for word in words:
        if len(line) + len(word) + 2 > 120:
            lines.append(line)
            line = "   "
        line += f" {word},"
    lines.append(line)
    print(f"static const {kind} golden_{name}[{len(words)}] = {{")
    print("\n".join(lines) + "\n};")


def case(name, function, *parameters):
    """Output and gradients of sum(output * weights)."""
    x = INPUT.clone().requires_grad_()
    parameters = [p.clone().requires_grad_() for p in parameters]
    output = function(x, *parameters)
    indices = None
    if isinstance(output, tuple):
        output, indices = output
    weights = sequence(output.numel(), 77)  # the library's order, NHWC
    n, c, h, w = output.shape
    (output * weights.reshape(n, h, w, c).permute(0, 3, 1, 2)).sum().backward()
    table(name, output)
    if indices is not None:
        table(name + "_indices", indices, "int32_t")
    table(name + "_dx", x.grad)
    for label, p in zip(("dgamma", "dbeta"), parameters):
        table(f"{name}_{label}", p.grad)


print("/* norm_golden.h - written by make_norm_golden.py with PyTorch: small normalisations and poolings, NHWC. Do not edit. */")
print("#ifndef NORM_GOLDEN_H\n#define NORM_GOLDEN_H\n\n#include <stdint.h>\n\n/* clang-format off */")
b, c, h, w = SHAPE
INPUT = sequence(b * c * h * w, 1).reshape(b, h, w, c).permute(0, 3, 1, 2).contiguous()
GAMMA, BETA = sequence(c, 2), sequence(c, 3)
MEAN, VARIANCE = sequence(c, 4), sequence(c, 5).abs() + 0.5
table("input", INPUT)
table("weights", sequence(b * c * h * w, 77))
for label, t in (("gamma", GAMMA), ("beta", BETA), ("mean", MEAN), ("variance", VARIANCE)):
    table(label, t)
mean, variance = MEAN.clone(), VARIANCE.clone()
case("batch", lambda x, g, o: F.batch_norm(x, mean, variance, g, o, True, 0.1, 1e-5), GAMMA, BETA)
table("running_mean", mean)
table("running_variance", variance)
case("batch_relu", lambda x, g, o: F.relu(F.batch_norm(x, None, None, g, o, True, 0.1, 1e-5)), GAMMA, BETA)
table("infer", F.batch_norm(INPUT, MEAN, VARIANCE, GAMMA, BETA, False, 0.1, 1e-5))
case("group", lambda x, g, o: F.group_norm(x, 2, g, o, 1e-5), GAMMA, BETA)
case("instance", lambda x, g, o: F.instance_norm(x, None, None, g, o, True, 0.1, 1e-5), GAMMA, BETA)
case("layer", lambda x, g, o: F.layer_norm(x.permute(0, 2, 3, 1), (c,), g, o, 1e-5).permute(0, 3, 1, 2), GAMMA, BETA)
case("lrn", lambda x: F.local_response_norm(x, 3, 0.5, 0.75, 1.25))
case("max", lambda x: F.max_pool2d(x, (3, 2), (2, 1), (1, 0), (1, 2), True, return_indices=True))
case("average", lambda x: F.avg_pool2d(x, (3, 2), 2, 1, True, True))
case("average_inside", lambda x: F.avg_pool2d(x, 3, 2, 1, True, False))
case("adaptive_max", lambda x: F.adaptive_max_pool2d(x, (2, 4), return_indices=True))
case("adaptive_average", lambda x: F.adaptive_avg_pool2d(x, (2, 4)))
print("/* clang-format on */\n\n#endif")
