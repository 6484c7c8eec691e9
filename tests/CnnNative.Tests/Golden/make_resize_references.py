#!/usr/bin/env python3
"""Makes resize.json: what Pillow's Image.resize gives, for the tests of resizing.

Run it with Pillow and NumPy, for example Debian's packages python3-pil and python3-numpy:

    /usr/bin/python3 tests/CnnNative.Tests/Golden/make_resize_references.py

The pictures that are resized are not stored: both sides compute them from a seed (see `hashed`). Their pixels are random, which
is the hardest case: every weight shows. "blocks" pictures have only 0 and 255, so that the cubic overshoots and has to be cut.
"""

import base64
import json
import os

import numpy
import PIL
from PIL import Image

OUTPUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "resize.json")

FILTERS = {"nearest": Image.NEAREST, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}

# Old width and height, new width and height.
SIZES = [
    ("half", (24, 16), (12, 8)),
    ("third, odd sizes", (33, 27), (11, 9)),
    ("double", (9, 7), (18, 14)),
    ("4.5 times", (6, 4), (27, 18)),
    ("not whole, down", (37, 23), (20, 15)),
    ("not whole, up", (13, 11), (22, 17)),
    ("wider and lower", (10, 30), (25, 13)),
    ("narrower and higher", (30, 10), (13, 25)),
    ("from 1 column", (1, 9), (7, 20)),
    ("to 1 column", (31, 8), (1, 8)),
    ("to 1 row", (8, 31), (8, 1)),
    ("from 1 pixel", (1, 1), (5, 4)),
    ("to 1 pixel", (29, 17), (1, 1)),
    ("same width", (12, 25), (12, 9)),
    ("same height", (25, 12), (9, 12)),
    ("same size", (8, 8), (8, 8)),
    ("far down", (200, 120), (3, 2)),
    ("one pixel less", (32, 32), (31, 31)),
    ("one pixel more", (31, 31), (32, 32)),
]


def hashed(count, seed):
    """Element i is the upper byte of the 32-bit finaliser of MurmurHash3 of i + seed * 0x9E3779B9."""
    value = (numpy.arange(count, dtype=numpy.uint64) + seed * 0x9E3779B9) & 0xFFFFFFFF
    for shift, factor in [(16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)]:
        value ^= value >> numpy.uint64(shift)
        value = (value * numpy.uint64(factor)) & numpy.uint64(0xFFFFFFFF)
    return (value >> numpy.uint64(24)).astype(numpy.uint8)


def main():
    cases = []
    for name, (width, height), new_size in SIZES:
        for channels in (1, 3):
            for blocks in (False, True):
                seed = len(cases) + 1
                pixels = hashed(width * height * channels, seed)
                if blocks:
                    pixels = (pixels >= 128).astype(numpy.uint8) * 255
                shape = (height, width) if channels == 1 else (height, width, channels)
                image = Image.fromarray(pixels.reshape(shape))
                for kind, number in FILTERS.items():
                    if blocks and kind != "bicubic":
                        continue
                    resized = image.resize(new_size, number)
                    cases.append({
                        "name": f"{name}, {'RGB' if channels == 3 else 'gray'}{', blocks' if blocks else ''}, {kind}",
                        "width": width, "height": height, "channels": channels, "seed": seed, "blocks": blocks,
                        "new_width": new_size[0], "new_height": new_size[1], "resampling": kind,
                        "pixels": base64.b64encode(resized.tobytes()).decode("ascii")})
    lines = [json.dumps(case, separators=(",", ":")) for case in cases]
    with open(OUTPUT, "w", encoding="ascii", newline="\n") as file:
        file.write(f'{{"pillow": "{PIL.__version__}",\n"cases": [\n' + ",\n".join(lines) + "\n]}\n")
    print(f"Pillow {PIL.__version__}: {len(cases)} cases.")


main()
