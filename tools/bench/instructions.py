"""Counts the AArch64 instructions that networks take, beside other libraries.

    tools/bench/instructions.py [--calibrate DIR] [--peers] [--layers]
                                  [--json FILE] [MODEL.onnx...]

Each network is compiled by build/bin/lacuna, built by clang++-22 with the options
of its bundle and run by qemu-aarch64 with a plugin that counts instructions, by
two numbers of inferences: the difference is what an inference takes, without
start-up. A network that goes step by step ("step") is counted by new outputs, beside
the whole clip, with the bytes of its state. The count is exact and the same on every machine; it says nothing of
caches and little of cycles (see inner_loops.py). "bytes" are code and constants of
the bundle, a sidecar apart. Elements of inputs are made up.

The networks are TC-ResNet8 and a 1x1 convolution, float, half and int8 (see
make_models.py), and the models that are given, on --core; --only takes a part of
the names. Cores are as of qemu; '+i8mm' is a Cortex-A76 with that feature, run as
'max', and '+halide' one whose kernels lacuna-halide made (--target=host): a second
opinion. --layers prints what each function of the network takes.

--peers counts ONNX Runtime (arm64, one thread, from npm) and XNNPACK (arm64, of
Debian) under the same emulator and puts their counts beside Lacuna's: the ratio is
how many times as many instructions the peer runs. ONNX Runtime runs the whole
model; XNNPACK its convolutions alone, with channels last in input and output, so
that it never transposes. Both are downloaded to --work. What cannot be had is
named below the table, and its counts are left out.

Needs Debian's qemu-user, gcc and libraries for arm64 (g++-aarch64-linux-gnu), a C
compiler, clang-22; --peers needs npm and apt-get. No Python packages.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import make_models

BENCH = pathlib.Path(__file__).resolve().parent
PROJECT = BENCH.parents[1]
WORK = PROJECT / "build/bench"
LACUNA = PROJECT / "build/bin/lacuna"
TC_RESNET8 = PROJECT / "test/models/tc_resnet8.onnx"
SYSROOT = pathlib.Path("/usr/aarch64-linux-gnu")
ORT_PACKAGE = "onnxruntime-node@1.30.0"
XNNPACK_PACKAGES = [
    "libxnnpack0",
    "libxnnpack-dev",
    "libpthreadpool0",
    "libpthreadpool-dev",
    "libcpuinfo0",
]

Core = collections.namedtuple("Core", "name options qemu part features")
BASE_FEATURES = "fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid"
A76_FEATURES = BASE_FEATURES + " atomics fphp asimdhp asimdrdm lrcpc dcpop asimddp"
CORES = {
    core.name: core
    for core in [
        Core("cortex-a53", ["--mcpu=cortex-a53"], "cortex-a53", "0xd03", BASE_FEATURES),
        Core("cortex-a76", ["--mcpu=cortex-a76"], "cortex-a76", "0xd0b", A76_FEATURES),
        Core(
            "cortex-a76+i8mm",
            ["--mcpu=cortex-a76", "--mattr=+i8mm"],
            "max",
            "0xd0b",
            A76_FEATURES + " i8mm",
        ),
        Core(
            "cortex-a76+halide",
            ["--target=host", "--mcpu=cortex-a76"],
            "cortex-a76",
            "0xd0b",
            A76_FEATURES,
        ),
    ]
}
Case = collections.namedtuple("Case", "name model core options", defaults=[()])


class Failure(Exception):
    pass


def run(command, **options):
    """What a command prints; Failure with its last line of errors if it fails."""
    command = [str(part) for part in command]
    try:
        done = subprocess.run(command, capture_output=True, text=True, **options)
    except OSError as error:
        raise Failure(f"{command[0]}: {error.strerror}")
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        reason = next((line for line in lines if "error" in line), (lines or [""])[-1])
        raise Failure(f"{pathlib.Path(command[0]).name}: exit {done.returncode}: {reason}")
    return done.stdout + done.stderr


def cases(work, models, core, only, calibrate):
    """The cases to run: those of the project with the text only in their names, and
    models. Makes what models the project has not."""
    made = work / "models"
    bytes_cores = ["cortex-a76", "cortex-a76+halide", "cortex-a53", "cortex-a76+i8mm"]
    found = []
    for name in ["cortex-a76", "cortex-a76+halide"]:
        found.append(Case("tc_resnet8 fp32", TC_RESNET8, name))
    for name in bytes_cores:
        found.append(Case("tc_resnet8 int8", made / "tc_resnet8_int8.onnx", name))
    for kind, model in ("fp32", TC_RESNET8), ("int8", made / "tc_resnet8_int8.onnx"):
        name = f"tc_resnet8 {kind} step"
        found.append(Case(name, model, "cortex-a76", ("--stream",)))
    for name in ["cortex-a76", "cortex-a76+halide", "cortex-a53"]:
        found.append(Case("conv1x1 fp32", made / "conv1x1_fp32.onnx", name))
    found.append(Case("conv1x1 fp16", made / "conv1x1_fp16.onnx", "cortex-a76"))
    for name in bytes_cores:
        found.append(Case("conv1x1 int8", made / "conv1x1_int8.onnx", name))
    for spec in ["int8", "int4", "int4,group=32", "int4,outliers=3.5", "int2"] if calibrate else []:
        options = (f"--quantize={spec}", f"--calibrate={calibrate}")
        for name in ["cortex-a76", "cortex-a53", "cortex-a76+i8mm"]:
            found.append(Case(f"tc_resnet8 --quantize={spec}", TC_RESNET8, name, options))
    if only is not None:
        found = [case for case in found if only in f"{case.name} {case.core}"]
    if any(case.model.parent == made for case in found):
        make_models.write_models(made)
    return found + [Case(path.stem, path.resolve(), core) for path in models]


class Emulator:
    """Counts instructions of AArch64 programs."""

    def __init__(self, work):
        self.work = work
        self.plugin = work / "icount.so"
        flags = ["-O2", "-shared", "-fPIC", "-fvisibility=hidden"]
        run(["cc", *flags, "-o", self.plugin, BENCH / "icount.c"])

    def sysroot(self, core):
        """A folder that the emulated program sees as the root: libraries look at
        /proc/cpuinfo for the core."""
        root = self.work / "sysroot" / core.name
        if root.exists():
            return root
        if not (SYSROOT / "lib").exists():
            raise Failure(f"{SYSROOT}/lib does not exist")
        files = {
            "proc/cpuinfo": f"processor\t: 0\nBogoMIPS\t: 48.00\n"
            f"Features\t: {core.features}\nCPU implementer\t: 0x41\n"
            f"CPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: {core.part}\n"
            f"CPU revision\t: 0\n\n",
        }
        cpu = "sys/devices/system/cpu/"
        for name in ["possible", "present", "online", "kernel_max"]:
            files[cpu + name] = "0\n"
        for name in ["max", "min"]:
            files[f"{cpu}cpu0/cpufreq/cpuinfo_{name}_freq"] = "2000000\n"
        topology = {
            "physical_package_id": "0",
            "core_id": "0",
            "cluster_cpus_list": "0",
            "core_siblings_list": "0",
        }
        for name, text in topology.items():
            files[f"{cpu}cpu0/topology/{name}"] = text + "\n"
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (root / "lib").symlink_to(SYSROOT / "lib")
        return root

    def counts(self, core, program, arguments, option="", sysroot=False):
        """Counters by name."""
        command = ["qemu-aarch64", "-cpu", core.qemu]
        if sysroot:
            command += ["-L", self.sysroot(core)]
        command += ["-plugin", f"file={self.plugin}{option}", "-d", "plugin"]
        counters = {}
        for line in run(command + [program, *arguments]).splitlines():
            match = re.fullmatch(r"(\S+)\s+(\d+)", line)
            if match:
                counters[match[1]] = int(match[2])
        if "total_insns" not in counters:
            raise Failure("qemu-aarch64: the plugin reports nothing")
        return counters

    def per_inference(self, core, program, arguments, macs, **options):
        """Counters of one inference; arguments go after the number of inferences."""
        few, many = (2, 12) if macs < 30e6 else (2, 3)
        less = self.counts(core, program, [few, *arguments], **options)
        more = self.counts(core, program, [many, *arguments], **options)
        return {
            name: (count - less.get(name, 0)) / (many - few)
            for name, count in more.items()
            if count != less.get(name, 0)
        }


class Bundle:
    """A network that is compiled and built, with lines of source if asked for."""

    def __init__(self, lacuna, case, core, folder, lines=False):
        shutil.rmtree(folder, ignore_errors=True)
        command = [lacuna, "compile", case.model, "-o", folder, "--name", "net"]
        run([*command, *core.options, *case.options, "--report"])
        report = json.loads((folder / "report.json").read_text())
        self.stream = report.get("stream")
        options = []
        for line in (folder / "CMakeLists.txt").read_text().splitlines():
            match = re.search(r"target_compile_options\(\w+ PRIVATE (.*)\)", line)
            options += match[1].split() if match else []
        target = ["--target=aarch64-linux-gnu"]
        objects = []
        for source in sorted(folder.glob("*.cpp")):
            objects.append(source.with_suffix(".o"))
            compiler = ["clang++-22", *target, "-std=c++17", *options, "-c"]
            compiler += ["-g"] if lines else []
            run([*compiler, source, "-o", objects[-1]])
        sizes = run(["llvm-size-22", *objects]).splitlines()[1:]
        self.bytes = sum(sum(map(int, line.split()[:3])) for line in sizes)
        header = (folder / "net.h").read_text()
        sizes = lambda kind: re.findall(rf"NET_{kind}_\d+_BYTES (\d+)", header)
        floats = re.findall(r'NET_INPUT_\d+_TYPE "(\w+)"', header)
        defines = {
            "INPUT_BYTES": ",".join(sizes("INPUT")),
            "OUTPUT_BYTES": ",".join(sizes("OUTPUT")),
            "INPUT_FLOATS": ",".join(str(int(one == "float32")) for one in floats),
        }
        self.arguments = []
        for weights in folder.glob("*_weights.bin"):
            self.arguments.append(weights)
            defines["WEIGHTS"] = weights.stat().st_size
        main = ["clang-22", *target, "-O2", "-I", folder]
        main += [f"-D{name}={value}" for name, value in defines.items()]
        objects.append(folder / "main.o")
        run([*main, "-c", BENCH / "network_main.c", "-o", objects[-1]])
        self.program = folder / "main"
        objects += folder.glob("*.a")
        run(["clang++-22", *target, "-static", *objects, "-o", self.program])

    def layers(self, addresses):
        """Instructions by function of the network, largest first. Most are inlined
        into net_run, so the lines of source decide."""
        functions = symbolize(self.program, list(addresses))
        sums = collections.Counter()
        for address, count in addresses.items():
            # Callers come last. A kernel that is not inlined has its layer in the
            # arguments of its template.
            chain = functions.get(address, ["?"])
            own = [re.search(r"\brun_\w+", name) for name in chain]
            names = [match[0].removesuffix("_shape") for match in own if match]
            sums[names[-1] if names else re.split(r"[(<]", chain[-1])[0]] += count
        return sums.most_common()


def symbolize(program, addresses):
    """The functions at addresses, callees first."""
    command = ["llvm-symbolizer-22", "--output-style=JSON", "-e", str(program)]
    done = subprocess.run(
        command, input="\n".join(addresses), capture_output=True, text=True, check=True
    )
    found = {}
    for address, line in zip(addresses, done.stdout.splitlines()):
        frames = json.loads(line).get("Symbol", [])
        names = [frame["FunctionName"] or "?" for frame in frames]
        found[address] = names or ["?"]
    return found


def inspect(lacuna, model):
    return json.loads(run([lacuna, "inspect", model, "--json=-"]))


class OnnxRuntime:
    name = "ONNX Runtime"

    def __init__(self, work, lacuna):
        folder = work / "onnxruntime"
        folder.mkdir(parents=True, exist_ok=True)
        library = folder / "package/bin/napi-v6/linux/arm64/libonnxruntime.so.1"
        if not library.exists():
            run(["npm", "pack", ORT_PACKAGE], cwd=folder)
            archive = next(folder.glob("onnxruntime-node-*.tgz"))
            run(["tar", "xzf", archive, "package/bin/napi-v6/linux/arm64"], cwd=folder)
            archive.unlink()
        self.program = folder / "main"
        compiler = ["aarch64-linux-gnu-gcc", "-O1", "-o", self.program]
        names = "onnxruntime_main.c", "onnxruntime_session.c"
        sources = [BENCH / name for name in names]
        run([*compiler, *sources, library, f"-Wl,-rpath,{library.parent}"])
        self.what = f"ONNX Runtime: {ORT_PACKAGE} of npm, linux/arm64, one thread"

    def arguments(self, case):
        return [case.model]


class Xnnpack:
    name = "XNNPACK"

    def __init__(self, work, lacuna):
        self.lacuna = lacuna
        self.folder = work / "xnnpack"
        root = self.folder / "root"
        if not root.exists():
            self.download(root)
        libraries = root / "usr/lib/aarch64-linux-gnu"
        self.program = self.folder / "main"
        compiler = ["aarch64-linux-gnu-gcc", "-O1", f"-I{root}/usr/include"]
        compiler += [BENCH / "xnnpack_main.c", "-o", self.program, f"-L{libraries}"]
        compiler += ["-Wl,--no-as-needed,--disable-new-dtags", f"-Wl,-rpath,{libraries}"]
        run([*compiler, "-lXNNPACK", "-lpthreadpool", "-l:libcpuinfo.so.0", "-lm"])
        versions = (self.folder / "versions").read_text().strip()
        self.what = (
            f"XNNPACK: {versions} of Debian, no i8mm kernels; convolutions only, NHWC"
        )

    def download(self, root):
        """As apt-get does for another architecture, without touching the system's
        state."""
        state, cache = self.folder / "state", self.folder / "cache"
        (state / "lists/partial").mkdir(parents=True, exist_ok=True)
        (cache / "archives/partial").mkdir(parents=True, exist_ok=True)
        options = {
            "Dir::State": state,
            "Dir::State::status": "/dev/null",
            "Dir::Cache": cache,
            "APT::Architecture": "arm64",
            "APT::Architectures::": "arm64",
            "APT::Sandbox::User": "root",
        }
        apt = ["apt-get"]
        for name, value in options.items():
            apt += ["-o", f"{name}={value}"]
        run([*apt, "update"])
        run([*apt, "download", *XNNPACK_PACKAGES], cwd=self.folder)
        packages = sorted(self.folder.glob("*.deb"))
        for package in packages:
            run(["dpkg-deb", "-x", package, self.folder / "partial"])
        library = next(one for one in packages if one.name.startswith("libxnnpack0_"))
        (self.folder / "versions").write_text(library.stem.rsplit("_", 1)[0])
        (self.folder / "partial").rename(root)

    def arguments(self, case):
        lines = self.layers(case.model)
        if not lines:
            raise Failure("XNNPACK: no convolutions")
        file = self.folder / "layers.txt"
        file.write_text("".join(line + "\n" for line in lines))
        return [file]

    def layers(self, model):
        """The convolutions of a model, as xnnpack_main.c reads them."""
        network = make_models.Network(model)
        nodes = inspect(self.lacuna, model)["nodes"]
        shapes = [node["inputs"] for node in nodes if node["op"] == "Conv"]
        convolutions = [node for node in network.nodes if node.op == "Conv"]
        if len(shapes) != len(convolutions):
            raise Failure("XNNPACK: convolutions of constants")
        makers = {node.outputs[0]: node.op for node in network.nodes}
        lines = []
        for node, shape in zip(convolutions, shapes):
            weights, (height, width) = shape[1], shape[0][2:]
            values = node.attributes()
            top, left, bottom, right = values.get("pads", [0, 0, 0, 0])
            if values.get("auto_pad", "NOTSET") != "NOTSET":
                raise Failure("XNNPACK: a convolution with automatic padding")
            groups = values.get("group", 1)
            quantized = makers.get(node.inputs[0]) == "DequantizeLinear"
            numbers = [int(quantized), top, right, bottom, left, *weights[2:]]
            numbers += values.get("strides", [1, 1]) + values.get("dilations", [1, 1])
            numbers += [groups, weights[1], weights[0] // groups, height, width]
            lines.append(" ".join(map(str, numbers)))
        return lines


def measure(case, emulator, lacuna, peers, layers, work):
    core = CORES[case.core]
    result = {"case": case.name, "core": case.core, "peers": {}}
    result["macs"] = macs = inspect(lacuna, case.model)["total"]["macs"]
    try:
        folder = work / "bundles" / f"{case.name.replace(' ', '_')}-{core.name}"
        bundle = Bundle(lacuna, case, core, folder, layers)
        program = core, bundle.program, bundle.arguments, macs
        counters = emulator.per_inference(*program)
        result["instructions"] = round(counters["total_insns"])
        result["bytes"] = bundle.bytes
        if bundle.stream:
            result["macs"] = bundle.stream["step_macs"]
            result["state_bytes"] = bundle.stream["state_bytes"]
        if layers:
            addresses = emulator.per_inference(*program, option=",byaddr=on")
            del addresses["total_insns"]
            result["layers"] = bundle.layers(addresses)
    except Failure as failure:
        result["failure"] = str(failure)
    if "--stream" in case.options:
        whole = case._replace(options=(), name=case.name + " whole")
        clip = measure(whole, emulator, lacuna, [], False, work)
        result["peers"]["the whole clip"] = clip
        return result
    for peer in peers:
        try:
            program = core, peer.program, peer.arguments(case), macs
            counters = emulator.per_inference(*program, sysroot=True)
            result["peers"][peer.name] = {"instructions": round(counters["total_insns"])}
        except Failure as failure:
            result["peers"][peer.name] = {"failure": str(failure)}
    return result


def table(results):
    """Lines, one a case and peer."""
    head = "case,core,MACs,bytes,state,instructions,a MAC,peer,of the peer,ratio"
    rows = [head.split(",")]
    for result in results:
        own, macs = result.get("instructions"), result["macs"]
        row = [result["case"], result["core"], f"{macs:,}"]
        row.append(f"{result['bytes']:,}" if own else "")
        row.append(f"{result['state_bytes']:,}" if "state_bytes" in result else "")
        row += [f"{own:,}", f"{own / max(macs, 1):.3f}"] if own else ["failed", ""]
        for name, peer in result["peers"].items() or [("-", {})]:
            count = peer.get("instructions")
            ratio = f"{count / own:.2f}" if count and own else "-"
            rows.append([*row, name, f"{count:,}" if count else "-", ratio])
            row = [""] * len(row)
    widths = [max(map(len, column)) for column in zip(*rows)]

    def line(row):
        cells = [
            text.ljust(width) if column in (0, 1, 7) else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths))
        ]
        return "  ".join(cells).rstrip()

    rows.insert(1, ["-" * width for width in widths])
    return [line(row) for row in rows]


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", type=pathlib.Path, metavar="MODEL.onnx")
    parser.add_argument("--core", choices=CORES, default="cortex-a76", help="of MODEL.onnx")
    parser.add_argument("--only", metavar="TEXT", help="cases with TEXT in their line")
    parser.add_argument("--no-own", action="store_true", help="MODEL.onnx only")
    parser.add_argument(
        "--calibrate",
        metavar="DIR",
        help="count TC-ResNet8 as --quantize makes it with these clips too",
    )
    parser.add_argument("--peers", action="store_true", help="other libraries too")
    parser.add_argument("--layers", action="store_true", help="instructions by function")
    parser.add_argument("--json", metavar="FILE", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path, default=WORK)
    parser.add_argument("--lacuna", type=pathlib.Path, default=LACUNA)
    arguments = parser.parse_args()
    if arguments.no_own:
        arguments.only = "\n"
    return arguments


def main():
    arguments = parse_arguments()
    work = arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    emulator = Emulator(work)
    lacuna = arguments.lacuna.resolve()
    peers, notes = [], []
    for kind in [OnnxRuntime, Xnnpack] if arguments.peers else []:
        try:
            peers.append(kind(work, lacuna))
            notes.append(peers[-1].what)
        except Failure as failure:
            notes.append(f"{kind.name} cannot be had: {failure}")
    results = []
    every = cases(
        work, arguments.models, arguments.core, arguments.only, arguments.calibrate
    )
    for case in every:
        results.append(measure(case, emulator, lacuna, peers, arguments.layers, work))
        last = table(results[-1:])[2:]
        print("\n".join(last), file=sys.stderr, flush=True)
    print("\n".join(table(results)))
    for result in results:
        where = f"{result['case']}, {result['core']}"
        for name, one in [("Lacuna", result), *result["peers"].items()]:
            if "failure" in one:
                notes.append(f"{where}: {name}: {one['failure']}")
        if "layers" in result:
            print(f"\n{where}:")
            few = result["instructions"] / 500
            rest = sum(count for _, count in result["layers"] if count < few)
            for name, count in result["layers"] + [("others", rest)]:
                if count >= few or name == "others":
                    print(f"  {count:12,.0f}  {name}")
    if notes:
        print("\n" + "\n".join(notes))
    if arguments.json:
        everything = {"results": results, "notes": notes}
        arguments.json.write_text(json.dumps(everything, indent=2) + "\n")
    return 1 if any("failure" in result for result in results) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(str(failure))
