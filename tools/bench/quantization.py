"""What low precision costs, on keyword networks: tables, and a plot.

quantization.py TABLE LACUNA SHARED [--plot FILE.svg]

TABLE is one of
  calibration  top-1 of int8 calibrated with 5, 10 and 50 batches of two clips
  ranges       top-1 of 3, 4 and 6 bits by the way that ranges are chosen
  outliers     top-1 of 4 bits where 0 to 3.5 % of weights and activations keep 8
  groups       top-1 of weights of 2, 3 and 4 bits with a scale a filter, and with
               factors for groups of 32 and of 16
  highway      top-1 of branches of 2, 3 and 4 bits, with residual paths of as
               many bits and of 8

LACUNA is the tool, SHARED the folder with models/ and data/. Each figure is the
result of one `lacuna verify --quantize`.
"""

import argparse
import json
import pathlib
import subprocess
import sys

CLASSES = pathlib.Path(__file__).resolve().parents[2] / "test/models/tc_resnet8.classes"


class Failure(Exception):
    pass


class Network:
    """A keyword network and its recordings."""

    def __init__(self, lacuna, shared, name):
        self.lacuna, self.name = lacuna, name
        self.model = shared / f"models/kws/{name}.onnx"
        self.data = shared / "data/kws6"

    def verify(self, spec, samples=None):
        """Top-1 of the float and of the quantized network."""
        command = [self.lacuna, "verify", self.model, f"--quantize={spec}"]
        command += [f"--calibrate={self.data / 'calib'}", "--dataset", self.data / "test"]
        command += ["--classes", CLASSES, "--json", "-"]
        if samples:
            command.append(f"--calibration-samples={samples}")
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise Failure(done.stderr)
        figures = json.loads(done.stdout)
        return figures["top1_reference"], figures["top1_target"]


def show(head, rows):
    """A table; numbers are per cent."""
    cells = [head] + [
        [f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row]
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells)]
    for row in cells:
        line = [row[0].ljust(widths[0])]
        line += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        print("  ".join(line).rstrip(), flush=True)


METHODS = ["minmax", "percentile", "mse", "kl"]


def calibration(networks):
    rows = []
    for network in networks("tc_resnet8", "tc_resnet14"):
        for batches in 5, 10, 50:
            results = [network.verify(f"int8,calibration={m}", 2 * batches) for m in METHODS]
            rows.append([f"{network.name}, {batches}", results[0][0]] + [r[1] for r in results])
    show(["network, batches", "float", *METHODS], rows)
    return rows, ["float", *METHODS]


def ranges(networks):
    rows = []
    for network in networks("tc_resnet8", "tc_resnet14"):
        for bits in 3, 4, 6:
            results = [network.verify(f"int{bits},calibration={m}") for m in METHODS]
            rows.append([f"{network.name}, {bits} bits", results[0][0]] + [r[1] for r in results])
    show(["network", "float", *METHODS], rows)
    return rows, ["float", *METHODS]


def outliers(networks):
    shares = [0, 0.5, 1, 2, 3.5]
    rows = []
    for network in networks("tc_resnet8", "tc_resnet14"):
        results = [network.verify(f"int4,calibration=mse,outliers={s}") for s in shares]
        rows.append([network.name, results[0][0]] + [r[1] for r in results])
    columns = ["float", *(f"{share} %" for share in shares)]
    show(["outliers", *columns], rows)
    return rows, columns


def groups(networks):
    rows = []
    for network in networks("tc_resnet8", "tc_resnet14"):
        for bits in 2, 3, 4:
            spec = f"int8,weights={bits}"
            results = [network.verify(spec + group) for group in ("", ",group=32", ",group=16")]
            rows.append([f"{network.name}, {bits} bits", results[0][0]] + [r[1] for r in results])
    columns = ["float", "filters", "32", "16"]
    show(["weights", *columns], rows)
    return rows, columns


def highway(networks):
    rows = []
    for network in networks("tc_resnet14"):
        for bits in 2, 3, 4:
            plain = network.verify(f"int{bits},calibration=mse")
            wide = network.verify(f"int{bits},calibration=mse,highway")
            rows.append([f"{network.name}, {bits} bits", plain[0], plain[1], wide[1]])
    columns = ["float", "plain", "highway"]
    show(["network", *columns], rows)
    return rows, columns


def plot(rows, columns, path):
    """Bars, a group a row."""
    bar, gap, height, left = 18, 30, 220, 40
    colours = ["#bbb", "#4a7ab5", "#d98a3d", "#5fa55a", "#b55a7a", "#8a6fb5"]
    width = left + len(rows) * (len(columns) * bar + gap) + 120
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height + 50}" '
        'font-family="sans-serif" font-size="11">'
    ]
    for tick in range(0, 101, 20):
        y = 20 + height - height * tick / 100
        parts.append(f'<line x1="{left}" x2="{width - 110}" y1="{y}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{tick}</text>')
    for group, row in enumerate(rows):
        x = left + gap / 2 + group * (len(columns) * bar + gap)
        parts.append(f'<text x="{x}" y="{height + 38}">{row[0]}</text>')
        for index, value in enumerate(row[1:]):
            size = height * value / 100
            parts.append(
                f'<rect x="{x + index * bar}" y="{20 + height - size:.1f}" width="{bar - 2}" '
                f'height="{size:.1f}" fill="{colours[index]}"/>'
            )
    for index, column in enumerate(columns):
        y = 30 + 16 * index
        parts.append(
            f'<rect x="{width - 100}" y="{y - 9}" width="10" height="10" fill="{colours[index]}"/>'
        )
        parts.append(f'<text x="{width - 85}" y="{y}">{column}</text>')
    path.write_text("\n".join([*parts, "</svg>", ""]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    tables = {
        "calibration": calibration,
        "ranges": ranges,
        "outliers": outliers,
        "groups": groups,
        "highway": highway,
    }
    parser.add_argument("table", choices=tables)
    parser.add_argument("lacuna")
    parser.add_argument("shared", type=pathlib.Path)
    parser.add_argument("--plot", type=pathlib.Path, metavar="FILE.svg")
    options = parser.parse_args()

    def networks(*names):
        return [Network(options.lacuna, options.shared, name) for name in names]

    try:
        rows, columns = tables[options.table](networks)
    except Failure as failure:
        return str(failure)
    if options.plot:
        plot(rows, columns, options.plot)
    return 0


sys.exit(main())
