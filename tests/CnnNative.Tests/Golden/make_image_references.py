#!/usr/bin/env python3
"""Makes png_suite.json: what the valid files of PngSuite (W. van Schaik) look like, for the tests of decoding.

Run it with Python 3.8 or later, NumPy and Pillow, for example Debian's packages python3-numpy and python3-pil:

    /usr/bin/python3 tests/CnnNative.Tests/Golden/make_image_references.py FOLDER_OF_PNG_SUITE

The pictures themselves are not stored, only their sizes, a hash of all pixels, and a few pixels that make a failure readable.

The files are decoded here from the PNG specification, not by libpng, on which the tested decoder is built. Pillow, which is
built on libpng, is asked for a second opinion where it gives 8 bits. Gamma and colour profiles are not applied. Of 16-bit
samples the upper byte is kept. Pixels that are not opaque are laid over white, rounded to the nearest; such a picture is RGB, and so is
every picture in colours.
"""

import hashlib
import json
import os
import struct
import sys
import zlib

import numpy
import PIL
from PIL import Image

OUTPUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "png_suite.json")

GRAY, RGB, PALETTE, GRAY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
CHANNELS = {GRAY: 1, RGB: 3, PALETTE: 1, GRAY_ALPHA: 2, RGB_ALPHA: 4}

# First column, first row, column step and row step of the seven passes of Adam7.
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunks(data):
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    position = 8
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position:position + 8])
        body = data[position + 8:position + 8 + length]
        checksum, = struct.unpack(">I", data[position + 8 + length:position + 12 + length])
        assert checksum == zlib.crc32(kind + body)
        yield kind, body
        position += 12 + length


def paeth(left, above, corner):
    estimate = left + above - corner
    distances = [abs(estimate - left), abs(estimate - above), abs(estimate - corner)]
    return [left, above, corner][distances.index(min(distances))]


def unfilter(data, row_bytes, rows, pixel_bytes):
    """The rows of a pass, and what is left of the data."""
    before = bytearray(row_bytes)
    result = []
    for row in range(rows):
        start = row * (row_bytes + 1)
        kind, line = data[start], bytearray(data[start + 1:start + 1 + row_bytes])
        for i in range(row_bytes):
            left = line[i - pixel_bytes] if i >= pixel_bytes else 0
            corner = before[i - pixel_bytes] if i >= pixel_bytes else 0
            line[i] = (line[i] + [0, left, before[i], (left + before[i]) // 2, paeth(left, before[i], corner)][kind]) & 255
        result.append(line)
        before = line
    return result, data[rows * (row_bytes + 1):]


def samples(line, width, channels, depth):
    if depth == 16:
        values = numpy.frombuffer(bytes(line), ">u2")
    elif depth == 8:
        values = numpy.frombuffer(bytes(line), numpy.uint8)
    else:
        bits = numpy.unpackbits(numpy.frombuffer(bytes(line), numpy.uint8)).reshape(-1, depth)
        values = bits @ (1 << numpy.arange(depth - 1, -1, -1))
    return values[:width * channels].reshape(width, channels).astype(numpy.int64)


def decode(path):
    """The picture over white: height x width x 1 or 3."""
    with open(path, "rb") as file:
        parts = list(chunks(file.read()))
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", parts[0][1])
    other = dict(part for part in parts if part[0] != b"IDAT")
    data = zlib.decompress(b"".join(body for name, body in parts if name == b"IDAT"))
    channels = CHANNELS[kind]
    raw = numpy.zeros((height, width, channels), numpy.int64)
    for left, top, across, down in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        columns, rows = len(range(left, width, across)), len(range(top, height, down))
        if columns and rows:
            lines, data = unfilter(data, (columns * channels * depth + 7) // 8, rows, max(channels * depth // 8, 1))
            raw[top::down, left::across] = [samples(line, columns, channels, depth) for line in lines]
    assert not data
    return over_white(*to_color_and_alpha(raw, depth, kind, other))


def to_color_and_alpha(raw, depth, kind, other):
    """8-bit colours, and alpha, or None for a picture without any."""
    transparent = other.get(b"tRNS")
    if kind == PALETTE:
        palette = numpy.frombuffer(other[b"PLTE"], numpy.uint8).reshape(-1, 3).astype(numpy.int64)
        alphas = numpy.full(len(palette), 255)
        if transparent is not None:
            alphas[:len(transparent)] = list(transparent)
        return palette[raw[..., 0]], alphas[raw[..., 0]] if transparent is not None else None
    alpha = None
    if kind in (GRAY_ALPHA, RGB_ALPHA):
        raw, alpha = raw[..., :-1], raw[..., -1] >> (depth - 8)
    elif transparent is not None:
        key = struct.unpack(f">{len(transparent) // 2}H", transparent)
        alpha = numpy.where((raw == key).all(axis=2), 0, 255)
    return raw >> 8 if depth == 16 else raw * (255 // ((1 << depth) - 1)), alpha


def over_white(color, alpha):
    if alpha is None:
        return color
    alpha = alpha[..., None]
    mixed = (color * alpha + 255 * (255 - alpha) + 127) // 255
    return numpy.repeat(mixed, 3, axis=2) if mixed.shape[2] == 1 else mixed


def check_with_pillow(path, picture):
    image = Image.open(path)
    if image.mode == "I":
        return
    white = Image.new("RGBA", image.size, "white")
    opinion = numpy.asarray(Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")).astype(numpy.int64)
    # Pillow rounds the mixture with white in another way.
    assert numpy.abs(opinion - picture).max() <= 1, path


def describe(path):
    picture = decode(path)
    check_with_pillow(path, picture)
    height, width, channels = picture.shape
    flat = picture.astype(numpy.uint8).tobytes()
    step = max(len(flat) // 8, 1) | 1
    return {"name": os.path.basename(path), "width": width, "height": height, "channels": channels,
            "sha256": hashlib.sha256(flat).hexdigest(), "sample_stride": step, "samples": list(flat[::step])}


def main():
    folder = sys.argv[1]
    names = [name for name in sorted(os.listdir(folder)) if name.endswith(".png") and not name.startswith("x")]
    lines = [json.dumps(describe(os.path.join(folder, name)), separators=(",", ":")) for name in names]
    with open(OUTPUT, "w", encoding="ascii", newline="\n") as file:
        file.write(f'{{"pillow": "{PIL.__version__}",\n"pictures": [\n' + ",\n".join(lines) + "\n]}\n")
    print(f"{len(names)} pictures.")


main()
