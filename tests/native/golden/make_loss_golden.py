"""Writes loss_golden.h: losses and gradients as PyTorch computes them in float64.

Run with PyTorch 1.13 or later: python3 make_loss_golden.py > loss_golden.h
The focal loss is not part of PyTorch; it is written here as in Lin et al. 2017 and differentiated by autograd.
"""
import torch
import torch.nn.functional as F

ROWS, COLUMNS = 4, 3
torch.manual_seed(7)
logits = (torch.randn(ROWS, COLUMNS) * 3).float().double()
target = torch.rand(ROWS, COLUMNS).float().double()
soft = torch.softmax(torch.randn(ROWS, COLUMNS), 1).float().double()
weights = torch.tensor([0.5, 2.0, 1.25], dtype=torch.float64)
labels = torch.tensor([2, 0, 1, 2])


def single(value):
    return float(torch.tensor(value, dtype=torch.float32))


def focal(x, gamma, alpha):
    p = torch.sigmoid(x)
    m = p * (1 - target) + (1 - p) * target
    a = alpha * target + (1 - alpha) * (1 - target) if alpha >= 0 else 1
    return (a * m**gamma * F.binary_cross_entropy_with_logits(x, target, reduction="none")).mean()


def entropy(row):
    weighted, smoothing, ignored, is_soft, total = row
    goal = soft if is_soft else labels
    return lambda x: F.cross_entropy(
        x, goal, weights if weighted else None, ignore_index=ignored, label_smoothing=single(smoothing),
        reduction="sum" if total else "mean")


def array(name, values):
    print(f"static const float {name}[] = {{{', '.join(f'{float(v):.9e}f' for v in values.flatten())}}};")


def line(prefix, function):
    x = logits.clone().requires_grad_()
    loss = function(x)
    loss.backward()
    print(f"    {{{prefix}, {loss.item():.17g}, {{{', '.join(f'{v:.17g}' for v in x.grad.flatten().tolist())}}}}},")


print("/* loss_golden.h - losses and gradients of PyTorch " + torch.__version__.split("+")[0] + " in float64.")
print(" * Written by make_loss_golden.py. */")
print(f"#define GOLDEN_ROWS {ROWS}\n#define GOLDEN_COLUMNS {COLUMNS}")
array("golden_logits", logits)
array("golden_target", target)
array("golden_soft", soft)
array("golden_weights", weights)
print(f"static const int32_t golden_labels[] = {{{', '.join(map(str, labels.tolist()))}}};")
print("\nstatic const struct golden_entropy {\n    int weighted;\n    float smoothing;\n    int32_t ignored;\n    int soft;\n"
      "    int sum;\n    double loss;\n    double gradient[12];\n} golden_entropies[] = {")
# PyTorch 1.13 divides a smoothed mean by the ignored rows too, so the two are not combined here.
for row in [(0, 0, -100, 0, 0), (1, 0, -100, 0, 0), (0, 0.1, -100, 0, 0), (1, 0.1, -100, 0, 0), (1, 0.2, -100, 0, 1),
            (0, 0, 2, 0, 0), (1, 0, 2, 0, 0), (1, 0, 0, 0, 1), (0, 0, -100, 1, 0), (1, 0, -100, 1, 0), (1, 0.1, -100, 1, 0),
            (0, 0.3, -100, 1, 1)]:
    line(", ".join([str(row[0]), f"{float(row[1])}f", *map(str, row[2:])]), entropy(row))
print("};\n\nstatic const struct golden_loss {\n    cnn_loss_kind kind;\n    int weighted;\n    int sum;\n    float delta;\n"
      "    float gamma;\n    float alpha;\n    double loss;\n    double gradient[12];\n} golden_losses[] = {")
bce = F.binary_cross_entropy_with_logits
line("CNN_LOSS_BCE_WITH_LOGITS, 0, 0, 1, 2, 0", lambda x: bce(x, target))
line("CNN_LOSS_BCE_WITH_LOGITS, 1, 0, 1, 2, 0", lambda x: bce(x, target, pos_weight=weights))
line("CNN_LOSS_BCE_WITH_LOGITS, 1, 1, 1, 2, 0", lambda x: bce(x, target, pos_weight=weights, reduction="sum"))
line("CNN_LOSS_MSE, 0, 0, 1, 2, 0", lambda x: F.mse_loss(x, target))
line("CNN_LOSS_MSE, 0, 1, 1, 2, 0", lambda x: F.mse_loss(x, target, reduction="sum"))
line("CNN_LOSS_L1, 0, 0, 1, 2, 0", lambda x: F.l1_loss(x, target))
for delta in (0.5, 1.0, 2.5):
    line(f"CNN_LOSS_HUBER, 0, 0, {delta}f, 2, 0", lambda x: F.huber_loss(x, target, delta=delta))
for gamma, alpha in ((2.0, 0.25), (0.0, 0.5), (1.5, -1.0), (0.5, 0.75)):
    line(f"CNN_LOSS_FOCAL, 0, 0, 1, {gamma}f, {alpha}f", lambda x: focal(x, gamma, alpha))
print("};")
