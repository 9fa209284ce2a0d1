"""Compares every network of a folder, compiled, with the reference.

bundle_models.py LACUNA MODELS OPTION...   options are those of `lacuna verify`

Results of quantized networks must be equal; floats may differ by 1e-4 of the
range of their tensor. Exits 1 if a network differs or does not compile.
"""

import pathlib
import re
import subprocess
import sys

# Shapes that the files leave open.
SHAPES = {"micro_kws_m_static_qdq.onnx": ["--shape=serving_default_input:0=1x1960"]}


def verify(lacuna, model, options):
    """What the comparison printed, and whether the results agree."""
    command = [lacuna, "verify", model, *options]
    command += SHAPES.get(model.name, [])
    if re.search(r"\.qdq|_qdq|_qoperator", model.name):
        command.append("--tolerance=0")
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout + done.stderr, done.returncode == 0


def main(lacuna, models, *options):
    count, failures = 0, 0
    for model in sorted(pathlib.Path(models).rglob("*.onnx")):
        printed, agrees = verify(lacuna, model, options)
        count += 1
        failures += not agrees
        print(f"{model.name}: {'agrees' if agrees else 'DIFFERS'}")
        print("".join(f"  {line}\n" for line in printed.splitlines()), end="", flush=True)
    print(f"{count} networks compared, {failures} differ")
    return 1 if failures or not count else 0


sys.exit(main(*sys.argv[1:]))
