#!/usr/bin/env python3
"""Makes weights.safetensors, weights-stored.npz, weights-deflated.npz and weights-zip64.npz: files of other programs to read.

Run it with NumPy, for example Debian's package python3-numpy:

    /usr/bin/python3 tests/CnnNative.Tests/Golden/make_weight_files.py

The checked-in files were made with NumPy 1.24.2. The safetensors file is written from the definition of the format
(https://huggingface.co/docs/safetensors): eight bytes with the length of the header, little-endian; the header, JSON padded with
spaces; the elements, one tensor after the other. Its header names the tensors in another order than their elements lie in.

Every array has the values 0, 1, 2, ... minus 3, for unsigned types without the minus, for truth values (i % 2 == 1).
"""

import json
import os
import struct
import zipfile

import numpy

FOLDER = os.path.dirname(os.path.abspath(__file__))


def values(dtype, shape):
    count = int(numpy.prod(shape))
    if dtype == "bool":
        return (numpy.arange(count) % 2 == 1).reshape(shape)
    offset = 0 if dtype.startswith("u") else 3
    return (numpy.arange(count) - offset).astype(dtype).reshape(shape)


def bfloat16_bytes(array):
    """The upper halves of float32; the values here are exact in them."""
    return (array.astype("float32").view("uint32") >> 16).astype("<u2").tobytes()


SAFETENSORS = [
    ("f32", "F32", "float32", (2, 3, 1, 2)), ("f64", "F64", "float64", (5,)), ("f16", "F16", "float16", (2, 2)),
    ("bf16", "BF16", "float32", (7,)), ("i8", "I8", "int8", (5,)), ("i16", "I16", "int16", (3, 2)), ("i32", "I32", "int32", (4,)),
    ("i64", "I64", "int64", ()), ("u8", "U8", "uint8", (3,)), ("u16", "U16", "uint16", (1, 2)), ("u32", "U32", "uint32", (2,)),
    ("u64", "U64", "uint64", (2, 1)), ("bool", "BOOL", "bool", (5,)), ("ein Gewicht: \u00e4 \U0001d465", "F32", "float32", (1,)),
]


def make_safetensors():
    header = {}
    body = b""
    for name, kind, dtype, shape in reversed(SAFETENSORS):
        array = values(dtype, shape)
        data = bfloat16_bytes(array) if kind == "BF16" else array.tobytes()
        header[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    ordered = {name: header[name] for name, _, _, _ in SAFETENSORS}
    ordered["__metadata__"] = {"format": "pt", "\u00fc \"": "line\nline"}
    text = json.dumps(ordered).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(FOLDER, "weights.safetensors"), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)


def make_npz():
    arrays = {dtype: values(dtype, (2, 3)) for dtype in
              ["float32", "float64", "float16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"]}
    arrays["block/0/weight"] = values("float32", (3, 1, 1, 2))
    arrays["scalar"] = values("int64", ())
    numpy.savez(os.path.join(FOLDER, "weights-stored.npz"), **arrays)
    numpy.savez_compressed(os.path.join(FOLDER, "weights-deflated.npz"), **arrays)
    # With such a limit every entry, and the place of the list of entries, has the fields for more than 4 GB.
    zipfile.ZIP64_LIMIT = 16
    numpy.savez(os.path.join(FOLDER, "weights-zip64.npz"), **arrays)


make_safetensors()
make_npz()
