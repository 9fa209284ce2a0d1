"""Writes two quantized convolutions with a pool in between: small_network.py FILE."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tools/bench"))

import make_networks

builder = make_networks.Builder(12, is_float=False, densities={})
builder.conv("first", 32, 3, 1, 1, 1)
builder.pool(1, 2, 2)
builder.conv("second", 16, 3, 1, 1, 2)
pathlib.Path(sys.argv[1]).write_bytes(builder.finish())
