"""How long AlexNet and VGG-16 take to compile for an NPU and to simulate.

    tools/bench/simulator_speed.py [--lacuna PROGRAM] [--machine NAME]

Seconds of one core: the time that the processor gave, whatever else it did. "full" is
on data, functional and timed, of an image of seeded noise; "dense" and "densities"
are timed only, the latter with the zeros of docs/examples/densities. What compiling
takes is taken from the others by simulating a bundle.
"""

import argparse
import pathlib
import random
import resource
import struct
import subprocess
import tempfile

import make_networks

PROJECT = pathlib.Path(__file__).resolve().parents[2]


def seconds(*command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def write_image(path, size):
    header = f"{{'descr': '|i1', 'fortran_order': False, 'shape': (1, 3, {size}, {size})}}"
    header += " " * (63 - (len(header) + 10) % 64) + "\n"
    data = random.Random(1).randbytes(3 * size * size)
    start = b"\x93NUMPY\1\0" + struct.pack("<H", len(header))
    path.write_bytes(start + header.encode() + data)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lacuna", default=PROJECT / "build/bin/lacuna")
    parser.add_argument("--machine", default="zena")
    arguments = parser.parse_args()
    print(f"{'seconds':10}{'compile':>9}{'full':>9}{'dense':>9}{'densities':>11}")
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        for network, (size, _) in make_networks.NETWORKS.items():
            model, bundle = scratch / f"{network}.onnx", scratch / network
            model.write_bytes(make_networks.build(network))
            image = scratch / "image.npy"
            write_image(image, size)
            densities = make_networks.DENSITIES / f"{network}.yaml"
            target = ["--target=npu", f"--machine={arguments.machine}"]
            compiling = seconds(
                arguments.lacuna, "compile", model, "-o", bundle, *target
            )
            simulate = lambda *options: seconds(
                arguments.lacuna, "simulate", bundle, *options
            )
            full = simulate("--input", image)
            print(f"{network:10}{compiling:9.2f}{full:9.2f}{simulate():9.2f}", end="")
            print(f"{simulate(f'--densities={densities}'):11.2f}", flush=True)


if __name__ == "__main__":
    main()
