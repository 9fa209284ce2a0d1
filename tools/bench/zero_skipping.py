"""What skipping zeros gains on AlexNet and VGG-16, beside what is published.

    tools/bench/zero_skipping.py [--lacuna PROGRAM] [--layers]

Compiles the convolutions of both networks for each machine, with as many weights zero
as docs/examples/densities says, and simulates the command streams with an image, and
with activations zero as said there. Clocks are those at which the array works, as
published figures leave DRAM out; what the whole stream takes, and what it waits for,
is in a table of its own.

"ideal" is the gain if both machines did nothing but products, those that they cannot
skip, with all of their PEs; "bound" if only the first did: no gain is above it. The
program fails if any layer takes fewer clocks than its products need. Where a gain is
more than 15 % off what is published, it says where the clocks of the arrays go; of the
allocation of kernels it always does, and what it would gain if no PE ever waited for
another one of its group. --layers prints each layer too.

AZ is zena that skips zeros of activations only. Published: ZeNA over Eyeriss, AZ and
WAZ, and Cnvlutin over DaDianNao with 44 % of the activations zero, of which the mean
over six networks is known.
"""

import argparse
import json
import pathlib
import random
import subprocess
import tempfile

import make_networks

PROJECT = pathlib.Path(__file__).resolve().parents[2]
MACHINES = PROJECT / "backends/npu/machines"

# (machine, baseline): what is published for AlexNet and VGG-16.
PUBLISHED = {
    ("zena", "eyeriss"): {"alexnet": 4.0, "vgg16": 5.2},
    ("zena", "az"): {"alexnet": 1.8, "vgg16": 2.1},
    ("zena", "waz"): {"alexnet": 1.196, "vgg16": 1.258},
}
CNVLUTIN = 1.37
# Clocks of an image on the chip: processing latency of 4 and 3 of them, at 200 MHz.
EYERISS = {"alexnet": 103.5e-3 / 4 * 200e6, "vgg16": 3755.2e-3 / 3 * 200e6}
TOLERANCE = 0.15


def write_az(folder):
    """The machine file of AZ, made of zena's."""
    text = (MACHINES / "zena.yaml").read_text()
    for old, new in [
        ("name: zena", "name: az"),
        ("skips: both", "skips: activations"),
        ("  balancesFilters: true\n", ""),
        ("  weights: bit-vector\n", ""),
    ]:
        if old not in text:
            raise SystemExit(f"zena.yaml has no '{old.strip()}'")
        text = text.replace(old, new)
    path = folder / "az.yaml"
    path.write_text(text)
    return path


class Run:
    """A network on a machine: its convolutions and the whole."""

    def __init__(self, lacuna, model, machine, densities, folder, image=None):
        command = [lacuna, "simulate", model, f"--machine={machine}"]
        command += [f"--densities={densities}", f"--report={folder}"]
        command += [f"--input={image}"] if image else []
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        self.report = json.loads((folder / "report.json").read_text())
        self.layers = [one for one in self.report["layers"] if one["macs"]]
        machines = json.loads(
            subprocess.run(
                [lacuna, "machines", machine, "--json", "-"],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )["machines"]
        array = machines[0]["array"]
        self.peak = array["rows"] * array["columns"]
        self.peak *= array["inputLanes"] * array["filterLanes"]

    def clocks(self, layer):
        return layer["array_cycles"]

    def ideal(self, layer):
        # What is gated takes its time.
        return (layer["macs_done"] + layer["macs_gated"]) / self.peak

    def check(self):
        for layer in self.layers:
            if self.clocks(layer) < self.ideal(layer):
                raise SystemExit(
                    f"{self.report['machine']} takes {self.clocks(layer)} clocks for "
                    f"{layer['name']}, which no array of {self.peak} can"
                )

    def total(self, of):
        return sum(of(layer) for layer in self.layers)

    def buckets(self):
        """Shares of the clocks of the whole stream, of its convolutions."""
        clocks = self.total(lambda layer: layer["cycles"])
        sums = {}
        for layer in self.layers:
            for name, value in layer["buckets"].items():
                sums[name] = sums.get(name, 0) + value / clocks
        return clocks, {name: share for name, share in sums.items() if share >= 0.005}


def write_image(path, size):
    """Noise of int8, as .npy."""
    shape = (1, 3, size, size)
    header = f"{{'descr': '|i1', 'fortran_order': False, 'shape': {shape}}}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    start = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little")
    noise = random.Random(0).randbytes(3 * size * size)
    path.write_bytes(start + header.encode() + noise)
    return path


def write_activations(path, shares):
    layers = (f"  - {{name: {name}, activations: {shares[name]}}}\n" for name in shares)
    path.write_text("layers:\n" + "".join(layers))
    return path


def array_buckets(run):
    """Where the clocks of the array went, as shares: what is no product's, is the
    array's loss."""
    array = run.total(run.clocks)
    names = ["load_imbalance", "ramp", "network", "bank_conflict", "sync"]
    lost = {
        name: sum(layer["buckets"][name] for layer in run.layers) / array
        for name in names
    }
    text = [f"{name} {share:.1%}" for name, share in lost.items() if share >= 0.005]
    done = run.total(run.ideal) / array
    idle = 1 - done - sum(lost.values())
    return ", ".join([f"products {done:.1%}", f"idle PEs {idle:.1%}"] + text)


def print_gain(run, base, published):
    """What `run` gains over `base`: as timed, if both were ideal, if only it was."""
    name, other = run.report["machine"], base.report["machine"]
    actual = base.total(base.clocks) / run.total(run.clocks)
    ideal = base.total(base.ideal) / run.total(run.ideal)
    bound = base.total(base.clocks) / run.total(run.ideal)
    off = actual / published - 1
    print(f"{name + ' over ' + other:26}{actual:8.3f}{ideal:8.3f}{bound:8.3f}", end="")
    print(f"{published:10.3f}{off:+8.1%}")
    if (name, other) == ("zena", "waz"):
        waits = run.total(lambda layer: layer["buckets"]["load_imbalance"])
        best = base.total(base.clocks) / (run.total(run.clocks) - waits)
        print(f"    if no PE waited for another of its group: {best:.3f}")
    if abs(off) > TOLERANCE or (name, other) == ("zena", "waz"):
        for one in (run, base):
            print(f"    {one.report['machine']:10} {array_buckets(one)}")


def print_layers(runs):
    print(f"{'layer':10}" + "".join(f"{name:>11}" for name in runs), end="")
    print(f"{'ideal':>11}{'zena/eyeriss':>14}{'zena/az':>9}{'zena/waz':>9}")
    for index, layer in enumerate(runs["zena"].layers):
        clocks = {
            name: run.clocks(run.layers[index]) for name, run in runs.items()
        }
        print(f"{layer['name']:10}", end="")
        print("".join(f"{count:11}" for count in clocks.values()), end="")
        print(f"{runs['zena'].ideal(layer):11.0f}", end="")
        for name, width in [("eyeriss", 14), ("az", 9), ("waz", 9)]:
            print(f"{clocks[name] / clocks['zena']:{width}.3f}", end="")
        print()


def print_streams(runs):
    print("the whole stream, of convolutions: clocks and their buckets")
    for name, run in runs.items():
        clocks, buckets = run.buckets()
        text = ", ".join(f"{key} {share:.1%}" for key, share in buckets.items())
        print(f"    {name:10}{clocks:12}  {text}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lacuna", default=PROJECT / "build/bin/lacuna")
    parser.add_argument("--layers", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        machines = {name: name for name in ("eyeriss", "waz", "zena")}
        machines["az"] = write_az(scratch)
        for network in make_networks.NETWORKS:
            published = make_networks.DENSITIES / f"{network}.yaml"
            pruned, dense = scratch / "pruned.onnx", scratch / "dense.onnx"
            pruned.write_bytes(
                make_networks.build(
                    network, densities=make_networks.read_densities(published)
                )
            )
            dense.write_bytes(make_networks.build(network))
            image = write_image(
                scratch / "image.npy", make_networks.NETWORKS[network][0]
            )
            table = make_networks.read_table(published)
            densities = write_activations(
                scratch / "densities.yaml",
                {name: keys["activations"] for name, keys in table.items()},
            )
            # The first layer reads the image.
            half = write_activations(
                scratch / "half.yaml", {name: 0.56 for name in list(table)[1:]}
            )
            simulate = lambda machine: Run(
                arguments.lacuna, pruned, machine, densities, scratch / "report", image
            )
            runs = {
                name: simulate(machines[name])
                for name in ("eyeriss", "az", "waz", "zena")
            }
            others = {
                name: Run(arguments.lacuna, dense, name, half, scratch / "report")
                for name in ("dadiannao", "cnvlutin")
            }
            for run in list(runs.values()) + list(others.values()):
                run.check()

            print(f"{network:26}{'gain':>8}{'ideal':>8}{'bound':>8}", end="")
            print(f"{'published':>10}{'off':>8}")
            for (name, base), published in PUBLISHED.items():
                print_gain(runs[name], runs[base], published[network])
            clocks = runs["eyeriss"].total(runs["eyeriss"].clocks)
            print(f"    eyeriss takes {clocks} clocks, the chip ", end="")
            print(f"{EYERISS[network]:.0f} ({clocks / EYERISS[network] - 1:+.1%})")
            print_gain(others["cnvlutin"], others["dadiannao"], CNVLUTIN)
            print_streams(runs | others)
            if arguments.layers:
                print_layers(runs)
            print()


if __name__ == "__main__":
    main()
