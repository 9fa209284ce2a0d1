"""Times networks of --target=host beside ONNX Runtime, on this machine.

    tools/bench/host.py [--threads N] [--seconds S] [--json FILE] [MODEL.onnx...]

Each network is compiled by build/bin/lacuna for --mcpu, built by clang++-22 or c++
with the options of its bundle, and run in one process with ONNX Runtime, in turn,
for --seconds. A line of the table has the least milliseconds of either and the
median of the ratios of neighbouring rounds, Lacuna by ONNX Runtime: less than 1
is faster. Then come the seconds that `lacuna compile` took, first with nothing kept
and then again. Inputs are made up. ONNX Runtime is installed from PyPI into --work.

The networks are TC-ResNet8 and a 1x1 convolution, float and int8 (see
make_models.py), and the models that are given; --only takes a part of the names.
"""

import argparse
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import time
import venv

import make_models

BENCH = pathlib.Path(__file__).resolve().parent
PROJECT = BENCH.parents[1]
RUNTIME = PROJECT / "runtime"
PACKAGE = "onnxruntime"


class Failure(Exception):
    pass


def run(command, **options):
    """What a command prints; Failure with its last line of errors if it fails."""
    command = [str(part) for part in command]
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or [""]
        reason = next((line for line in lines if "error" in line), lines[-1])
        raise Failure(f"{pathlib.Path(command[0]).name}: exit {done.returncode}: {reason}")
    return done.stdout


def find_onnxruntime(work):
    """Its shared library."""
    folder = work / "onnxruntime-pypi"
    pattern = "lib/python*/site-packages/onnxruntime/capi/libonnxruntime.so.1.*"
    if not any(folder.glob(pattern)):
        venv.create(folder, with_pip=True)
        run([folder / "bin/pip", "install", "-q", PACKAGE])
    library = next(folder.glob(pattern)).resolve()
    # What programs that link it ask for.
    name = library.with_name("libonnxruntime.so.1")
    if not name.exists():
        name.symlink_to(library.name)
    return name


def build(lacuna, model, folder, options, threads, peer):
    """The program that times one network, its arguments after the model's, and how
    long the network took to compile, first without kept kernels."""
    command = [lacuna, "compile", model, "-o", folder, "--name", "net", "--target=host"]
    if threads > 1:
        command.append(f"--threads={threads}")
    seconds = []
    for _ in range(2):
        shutil.rmtree(folder, ignore_errors=True)
        begin = time.monotonic()
        run([*command, *options])
        seconds.append(time.monotonic() - begin)
    header = (folder / "net.h").read_text()
    sizes = lambda kind: re.findall(rf"NET_{kind}_\d+_BYTES (\d+)", header)
    floats = re.findall(r'NET_INPUT_\d+_TYPE "(\w+)"', header)
    defines = {
        "INPUT_BYTES": ",".join(sizes("INPUT")),
        "OUTPUT_BYTES": ",".join(sizes("OUTPUT")),
        "INPUT_FLOATS": ",".join(str(int(one == "float32")) for one in floats),
    }
    if threads > 1:
        defines["THREADS"] = threads
    weights = list(folder.glob("*_weights.bin"))
    if weights:
        defines["WEIGHTS"] = weights[0].stat().st_size
    clang = shutil.which("clang++-22")
    cxx, cc = (clang, "clang-22") if clang else ("c++", "cc")
    flags = []
    for line in (folder / "CMakeLists.txt").read_text().splitlines():
        match = re.search(r"target_compile_options\(\w+ PRIVATE (.*)\)", line)
        flags += match[1].split() if match else []
    objects = []
    for source in sorted(folder.glob("*.cpp")):
        objects.append(source.with_suffix(".o"))
        run([cxx, "-std=c++17", *flags, "-c", source, "-o", objects[-1]])
    if threads > 1:
        objects.append(folder / "pool.o")
        run([cxx, "-O2", "-I", RUNTIME / "include", "-c", RUNTIME / "src/pool.cpp", "-o", objects[-1]])
    for source in "host_main.c", "onnxruntime_session.c":
        objects.append((folder / source).with_suffix(".o"))
        macros = [f"-D{name}={value}" for name, value in defines.items()]
        includes = ["-I", folder, "-I", RUNTIME / "include"]
        run([cc, "-O2", *includes, *macros, "-c", BENCH / source, "-o", objects[-1]])
    libraries = [*folder.glob("*.a"), peer, f"-Wl,-rpath,{peer.parent}", "-lm", "-pthread"]
    run([cxx, *objects, *libraries, "-o", folder / "main"])
    return [folder / "main"], weights, seconds


def measure(program, weights, model, seconds, threads):
    lines = run([*program, model, seconds, threads, *weights]).splitlines()
    rounds = [tuple(map(float, line.split())) for line in lines]
    return {
        "lacuna_ms": min(one for one, _ in rounds) / 1e6,
        "onnxruntime_ms": min(other for _, other in rounds) / 1e6,
        "ratio": statistics.median(one / other for one, other in rounds),
        "rounds": len(rounds),
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", type=pathlib.Path, metavar="MODEL.onnx")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--mcpu", default="native")
    parser.add_argument("--autotune", type=float, metavar="SECONDS")
    parser.add_argument("--only", metavar="TEXT")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--work", type=pathlib.Path, default=PROJECT / "build/bench")
    parser.add_argument("--lacuna", type=pathlib.Path, default=PROJECT / "build/bin/lacuna")
    arguments = parser.parse_args()
    work = arguments.work.resolve()
    made = work / "models"
    make_models.write_models(made)
    names = ["conv1x1_fp32", "conv1x1_u8", "tc_resnet8_int8"]
    models = [make_models.TC_RESNET8, *(made / f"{name}.onnx" for name in names)]
    models += [path.resolve() for path in arguments.models]
    if arguments.only:
        models = [path for path in models if arguments.only in path.stem]
    options = [f"--mcpu={arguments.mcpu}"]
    if arguments.autotune:
        options.append(f"--autotune={arguments.autotune}")

    rows, failed = {}, False
    peer = find_onnxruntime(work)
    print(f"{'network':44}{'Lacuna ms':>12}{'ONNX Runtime ms':>18}{'ratio':>8}{'compile s':>12}{'again s':>10}")
    for model in models:
        try:
            cache = work / "kernels" / model.stem
            shutil.rmtree(cache, ignore_errors=True)
            program, weights, seconds = build(
                arguments.lacuna, model, work / "host" / model.stem,
                [*options, f"--cache-dir={cache}"], arguments.threads, peer,
            )
            row = measure(program, weights, model, arguments.seconds, arguments.threads)
        except Failure as failure:
            failed = True
            print(f"{model.stem:44}{failure}", flush=True)
            continue
        row["compile_seconds"], row["cached_seconds"] = seconds
        rows[model.stem] = row
        print(
            f"{model.stem:44}{row['lacuna_ms']:12.3f}{row['onnxruntime_ms']:18.3f}"
            f"{row['ratio']:8.2f}{seconds[0]:12.1f}{seconds[1]:10.1f}",
            flush=True,
        )
    if arguments.json:
        result = {"threads": arguments.threads, "mcpu": arguments.mcpu, "networks": rows}
        arguments.json.write_text(json.dumps(result, indent=2) + "\n")
    return failed


if __name__ == "__main__":
    sys.exit(main())
