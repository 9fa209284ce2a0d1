"""Runs every network of a folder on a made-up input and compares the results.

models.py LACUNA MODELS EXPECTED       exits 1 if a result differs
models.py LACUNA MODELS EXPECTED --update

EXPECTED holds a few elements of each output. They were recorded when all outputs
agreed with another runtime, by tools/bench/against_onnxruntime.py.
"""

import array
import ast
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

CODES = {"float32": ("<f4", "f"), "int8": ("|i1", "b"), "uint8": ("|u1", "B")}


def write_npy(path, dtype, shape):
    """Writes numbers between -1 and 1 from a small generator, or bytes."""
    count = 1
    for size in shape:
        count *= size
    descr, code = CODES[dtype]
    state, values = 1, array.array(code)
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        high = state >> 24
        values.append(high / 128 - 1 if code == "f" else high - 128 * (code == "b"))
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
    header += " " * (63 - (len(header) + 10) % 64) + "\n"
    path.write_bytes(
        b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
        + values.tobytes()
    )


def read_npy(path):
    data = path.read_bytes()
    length = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10 : 10 + length].decode())
    code = {"f4": "f", "i1": "b", "u1": "B", "i8": "q", "i4": "i"}[header["descr"][1:]]
    values = array.array(code)
    values.frombytes(data[10 + length :])
    return values


def run(lacuna, model, folder):
    """The elements of each output that the list keeps."""
    # Without inputs the tool says what it misses; open dimensions become 1.
    command = [lacuna, "run", model]
    missing = subprocess.run(command, capture_output=True, text=True)
    opened = re.search(r"input '(.*)' has the open shape ([^;]*);", missing.stderr)
    if opened:
        sizes = [s if s.isdigit() else "1" for s in opened.group(2).split("x")]
        command.append(f"--shape={opened.group(1)}={'x'.join(sizes)}")
        missing = subprocess.run(command, capture_output=True, text=True)
    found = re.search(
        r"input '(.*)', (\w+) \[([\d, ]*)\], is missing", missing.stderr
    )
    if not found:
        raise SystemExit(f"{model}: {missing.stderr}")
    dtype, shape = found.group(2), found.group(3)
    shape = [int(size) for size in shape.split(",")]
    write_npy(folder / "input.npy", dtype, shape)
    subprocess.run(
        command
        + ["--input", folder / "input.npy", "--output-dir", folder / "out"],
        check=True,
    )
    results = {}
    for path in sorted((folder / "out").iterdir()):
        values = read_npy(path)
        places = sorted({len(values) * i // 7 for i in range(7)})
        results[path.stem] = {
            "count": len(values),
            "range": max(values) - min(values),
            "elements": {str(i): values[i] for i in places},
        }
    return results


def differs(actual, expected):
    if actual.keys() != expected.keys():
        return f"outputs {sorted(actual)} instead of {sorted(expected)}"
    for name, output in expected.items():
        if actual[name]["count"] != output["count"]:
            return f"{name} has {actual[name]['count']} elements"
        for place, value in output["elements"].items():
            got = actual[name]["elements"][place]
            # A float network may round otherwise on another machine.
            if abs(got - value) > 1e-4 * max(output["range"], 1e-6):
                return f"{name}[{place}] is {got} instead of {value}"
    return ""


def main(lacuna, models, expected_file, update):
    expected = {} if update else json.loads(pathlib.Path(expected_file).read_text())
    actual, failures = {}, 0
    for model in sorted(pathlib.Path(models).rglob("*.onnx")):
        with tempfile.TemporaryDirectory() as folder:
            actual[model.name] = run(lacuna, model, pathlib.Path(folder))
        if update or model.name not in expected:
            continue
        difference = differs(actual[model.name], expected[model.name])
        failures += bool(difference)
        print(f"{model.name}: {difference or 'as expected'}", flush=True)
    if update:
        pathlib.Path(expected_file).write_text(json.dumps(actual, indent=1) + "\n")
    print(f"{len(actual)} networks ran, {failures} differ")
    return 1 if failures or not actual else 0


sys.exit(main(*sys.argv[1:4], "--update" in sys.argv[4:]))
