#!/usr/bin/env python3
"""Writes warp.json: pictures resampled by PyTorch's grid_sample, to compare the data augmentation's warp with.

Run it with a Python that has torch, from any folder: python3 make_warp_references.py
A case is a shape, a border, and the affine map from the result to the picture, in pixels from the middle, y downwards. The picture
is not stored: value i of it is ((37 i + 11) mod 101) / 101.
"""

import json
import pathlib

import torch

BORDERS = {"Zero": "zeros", "Edge": "border", "Reflect": "reflection"}
MAPS = [
    [1, 0, 0, 0, 1, 0],
    [0.9, -0.3, 0.7, 0.25, 1.1, -1.3],
    [-1.7, 0.4, 3.1, 0.9, 0.6, 4.2],
    [1, 0, 30, 0, 1, -45],
]
SHAPES = [(5, 9, 1), (8, 6, 3), (7, 7, 2), (1, 4, 1)]


def warp(shape, border, affine):
    height, width, channels = shape
    count = height * width * channels
    image = torch.tensor([(37 * i + 11) % 101 / 101 for i in range(count)], dtype=torch.float64).reshape(1, *shape)
    y, x = torch.meshgrid(torch.arange(height, dtype=torch.float64), torch.arange(width, dtype=torch.float64), indexing="ij")
    x, y = x - (width - 1) / 2, y - (height - 1) / 2
    at_x = affine[0] * x + affine[1] * y + affine[2] + (width - 1) / 2
    at_y = affine[3] * x + affine[4] * y + affine[5] + (height - 1) / 2
    # grid_sample counts from -1 at the first pixel's middle to 1 at the last one's; one pixel alone is at both.
    grid = torch.stack([2 * at_x / max(width - 1, 1) - 1, 2 * at_y / max(height - 1, 1) - 1], dim=-1)[None]
    result = torch.nn.functional.grid_sample(
        image.permute(0, 3, 1, 2), grid, mode="bilinear", padding_mode=BORDERS[border], align_corners=True)
    return [round(value, 6) for value in result.permute(0, 2, 3, 1).flatten().tolist()]


def main():
    cases = [
        {"shape": shape, "border": border, "map": affine, "expected": warp(shape, border, affine)}
        for shape in SHAPES
        for border in BORDERS
        for affine in MAPS
        if not (1 in shape[:2] and border == "Reflect" or shape[0] == 1 and border == "Zero")
    ]
    path = pathlib.Path(__file__).parent / "warp.json"
    path.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n", encoding="utf-8")
    print(f"{len(cases)} cases, {path.stat().st_size} bytes")


main()
