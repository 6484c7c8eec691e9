#!/usr/bin/env python3
"""Makes schedules.json: 200 learning rates of each of PyTorch's schedulers, from a learning rate of 0.1.

Run it with PyTorch, for example Debian's package python3-torch:

    /usr/bin/python3 tests/CnnNative.Tests/Golden/make_schedule_golden.py

The checked-in file was made with PyTorch 1.13.0a0 (Debian 1.13.1+dfsg-4). "steps_per_epoch" says how often the scheduler was
stepped: once an epoch, or with a fraction of an epoch where it takes one.
"""

import json
import os
import warnings

import torch
from torch.optim import lr_scheduler as schedulers

FOLDER = os.path.dirname(os.path.abspath(__file__))
RATE, STEPS = 0.1, 200
warnings.filterwarnings("ignore")


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE, momentum=0.9)


def run(name, make, steps_per_epoch=1, fractional=False, momentum=False):
    sgd = optimizer()
    scheduler = make(sgd)
    rates, momenta = [], []
    for step in range(STEPS):
        rates.append(sgd.param_groups[0]["lr"])
        momenta.append(sgd.param_groups[0]["momentum"])
        sgd.step()
        if step == STEPS - 1:
            break
        if fractional:
            scheduler.step((step + 1) / steps_per_epoch)
        elif (step + 1) % steps_per_epoch == 0:
            scheduler.step()
    return {"name": name, "steps_per_epoch": steps_per_epoch, "rates": rates, "momenta": momenta if momentum else None}


def warm_up(sgd, steps, start, after):
    first = schedulers.LinearLR(sgd, start_factor=start, end_factor=1, total_iters=steps)
    return schedulers.SequentialLR(sgd, [first, after(sgd)], milestones=[steps])


def plateau(name, metrics, **options):
    sgd = optimizer()
    scheduler = schedulers.ReduceLROnPlateau(sgd, eps=0, **options)
    rates = []
    for metric in metrics:
        scheduler.step(metric)
        rates.append(sgd.param_groups[0]["lr"])
    # JSON has no NaN but as text.
    return {"name": name, "metrics": ["NaN" if metric != metric else metric for metric in metrics], "rates": rates}


torch.manual_seed(1)
noise = torch.randn(STEPS, dtype=torch.float64)
falling = (torch.linspace(2, 1, STEPS, dtype=torch.float64) ** 8 / 256 + 0.05 * noise.abs()).tolist()

golden = {
    "torch": torch.__version__,
    "schedules": [
        run("constant", lambda o: schedulers.ConstantLR(o, factor=1)),
        run("step", lambda o: schedulers.StepLR(o, 30, 0.1)),
        run("step of epochs", lambda o: schedulers.StepLR(o, 4, 0.5), steps_per_epoch=7),
        run("multi-step", lambda o: schedulers.MultiStepLR(o, [30, 80, 80, 150], 0.3)),
        run("multi-step of epochs", lambda o: schedulers.MultiStepLR(o, [1, 11], 0.1), steps_per_epoch=12),
        run("exponential", lambda o: schedulers.ExponentialLR(o, 0.97)),
        run("cosine", lambda o: schedulers.CosineAnnealingLR(o, STEPS)),
        run("cosine with minimum", lambda o: schedulers.CosineAnnealingLR(o, STEPS, eta_min=0.02)),
        run("restarts", lambda o: schedulers.CosineAnnealingWarmRestarts(o, 30), fractional=True),
        run("growing restarts", lambda o: schedulers.CosineAnnealingWarmRestarts(o, 3, 2, eta_min=0.01), 8, fractional=True),
        run("linear", lambda o: schedulers.LinearLR(o, 0.3, 0.05, STEPS)),
        run("polynomial", lambda o: schedulers.PolynomialLR(o, STEPS, 2.5)),
        run("one cycle", lambda o: schedulers.OneCycleLR(o, RATE, STEPS), momentum=True),
        run("one cycle, linear", lambda o: schedulers.OneCycleLR(
            o, RATE, STEPS, pct_start=0.123, anneal_strategy="linear", div_factor=10, final_div_factor=100,
            base_momentum=0.8, max_momentum=0.9), momentum=True),
        run("one cycle, three phases", lambda o: schedulers.OneCycleLR(o, RATE, STEPS, pct_start=0.4, three_phase=True),
            momentum=True),
        run("warm-up and cosine", lambda o: warm_up(o, 20, 0.1, lambda o: schedulers.CosineAnnealingLR(o, STEPS - 20))),
        run("warm-up and step", lambda o: warm_up(o, 15, 0.25, lambda o: schedulers.StepLR(o, 40, 0.2))),
    ],
    "plateaus": [
        plateau("plateau", falling, factor=0.5, patience=5),
        plateau("cooldown", falling, factor=0.3, patience=2, cooldown=7, min_lr=0.002),
        plateau("absolute", falling, factor=0.9, patience=0, threshold=0.02, threshold_mode="abs"),
        plateau("highest", [-x for x in falling], mode="max", factor=0.5, patience=4, threshold=0.01, threshold_mode="abs"),
        plateau("highest, relative", [1 - x / 10 for x in falling], mode="max", factor=0.5, patience=4, threshold=0.002),
        plateau("not a number", [3.0, float("nan"), 2.0] + [float("nan")] * 10, factor=0.5, patience=3),
    ],
}
with open(os.path.join(FOLDER, "schedules.json"), "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
