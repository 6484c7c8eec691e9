"""Writes optimizer_golden.h: parameters after five steps of PyTorch's optimisers in float64.

Run with PyTorch 1.13 or later: python3 make_optimizer_golden.py > optimizer_golden.h
"""
import torch

STEPS, COUNT = 5, 11
torch.manual_seed(3)
start = torch.randn(COUNT).double()
gradients = torch.randn(STEPS, COUNT).double()
CASES = [
    ("SGD", 0, 0.0, 0.0, lambda p: torch.optim.SGD(p, 0.1)),
    ("SGD", 0, 0.9, 0.0, lambda p: torch.optim.SGD(p, 0.1, momentum=0.9)),
    ("SGD", 1, 0.9, 0.01, lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, weight_decay=0.01, nesterov=True)),
    ("ADAM", 0, 0.0, 0.0, lambda p: torch.optim.Adam(p, 0.1)),
    ("ADAM", 0, 0.0, 0.05, lambda p: torch.optim.Adam(p, 0.1, weight_decay=0.05)),
    ("ADAMW", 0, 0.0, 0.05, lambda p: torch.optim.AdamW(p, 0.1, weight_decay=0.05)),
    ("RMSPROP", 0, 0.0, 0.0, lambda p: torch.optim.RMSprop(p, 0.1, alpha=0.999)),
    ("RMSPROP", 0, 0.7, 0.02, lambda p: torch.optim.RMSprop(p, 0.1, alpha=0.999, momentum=0.7, weight_decay=0.02)),
]


def values(tensor, digits, suffix):
    return "{" + ", ".join(f"{v:.{digits}e}{suffix}" for v in tensor.flatten().tolist()) + "}"


print("/* optimizer_golden.h - five steps of the optimisers of PyTorch " + torch.__version__.split("+")[0] + " in float64.")
print(" * Written by make_optimizer_golden.py. */")
print(f"#define GOLDEN_STEPS {STEPS}\n#define GOLDEN_COUNT {COUNT}")
print(f"static const float golden_start[] = {values(start, 9, 'f')};")
print(f"static const float golden_gradients[] = {values(gradients, 9, 'f')};")
print("\nstatic const struct golden_optimizer {\n    cnn_optimizer_kind kind;\n    int32_t nesterov;\n    double momentum;\n"
      f"    double weight_decay;\n    double parameters[{COUNT}];\n}} golden_optimizers[] = {{")
for kind, nesterov, momentum, decay, make in CASES:
    p = start.clone().requires_grad_()
    optimizer = make([p])
    for g in gradients:
        p.grad = g.clone()
        optimizer.step()
    print(f"    {{CNN_OPTIMIZER_{kind}, {nesterov}, {momentum}, {decay}, {values(p.detach(), 16, '')}}},")
print("};")
