import glob
import os
import shutil

import lit.formats
from lit.llvm.subst import ToolSubst
from lit.llvm import llvm_config

config.name = "Lacuna"
config.test_format = lit.formats.ShTest(not llvm_config.use_lit_shell)
config.suffixes = [".mlir", ".onnxtxt", ".test"]
config.excludes = ["Inputs", "unit", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.lacuna_obj_root, "test")

llvm_config.with_system_environment(["HOME", "TMP", "TEMP", "ASAN_OPTIONS"])
llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)
llvm_config.use_default_substitutions()
config.environment["FILECHECK_OPTS"] = "-enable-var-scope"

# Every test of lacuna-opt is also a test that what it prints parses again.
llvm_config.add_tool_substitutions(
    [
        ToolSubst(
            "lacuna-opt",
            os.path.join(config.lacuna_tools_dir, "lacuna-opt"),
            extra_args=["--verify-roundtrip"],
        ),
        ToolSubst("lacuna-halide", unresolved="ignore"),
        "lacuna",
        "lacuna-translate",
        "lacuna-lsp",
        "lacuna-sim",
        "split-file",
    ],
    [config.lacuna_tools_dir, config.llvm_tools_dir],
)
config.substitutions.append(("%python", config.python))
config.substitutions.append(("%build", config.lacuna_obj_root))
config.substitutions.append(
    ("%docs", os.path.join(config.lacuna_src_root, "docs"))
)
config.substitutions.append(
    ("%runtime", os.path.join(config.lacuna_src_root, "runtime"))
)
config.substitutions.append(
    ("%models", os.path.join(config.test_source_root, "models"))
)
for name in "exits", "npy":
    config.substitutions.append(
        (
            "%" + name,
            os.path.join(
                config.test_source_root, "driver", "Inputs", name + ".py"
            ),
        )
    )
config.substitutions.append(
    ("%tools", os.path.join(config.lacuna_src_root, "tools"))
)

# What a machine may lack; tests that want it name it in REQUIRES.
testdata = "/usr/share/libonnx-testdata/data"
if os.path.isdir(testdata):
    config.available_features.add("onnx-testdata")
config.substitutions.append(("%testdata", testdata))

# Networks and recordings of third parties, which are not part of the project.
shared = os.environ.get(
    "LACUNA_SHARED", os.path.join(config.lacuna_src_root, "..", "shared")
)
if os.path.isdir(os.path.join(shared, "models")):
    config.available_features.add("shared-models")
config.substitutions.append(("%shared", shared))

# Compilers for the kernels: for Arm, run by an emulator, and for this machine,
# by way of SIMDe.
kernel_flags = (
    "-std=c++17 -ffp-contract=off -Wall -Wextra -Wconversion -I "
    + config.lacuna_src_root
)
arm_compilers = {
    "clang++-22": " --target=aarch64-linux-gnu",
    "aarch64-linux-gnu-g++": "",
}
for compiler, target in arm_compilers.items():
    if shutil.which(compiler) and shutil.which("qemu-aarch64"):
        config.available_features.add("aarch64")
        config.substitutions.append(
            (
                "%aarch64-cxx",
                f"{compiler}{target} -O2 -static {kernel_flags}",
            )
        )
        break
for compiler in "clang++-22", "g++", "clang++":
    if shutil.which(compiler) and os.path.exists(
        "/usr/include/simde/arm/neon.h"
    ):
        config.available_features.add("simde")
        config.substitutions.append(
            ("%simde-cxx", f"{compiler} -O0 {kernel_flags}")
        )
        break
# GStreamer: its headers, and what reads and converts sound.
if shutil.which("gst-launch-1.0") and all(
    glob.glob("/usr/lib/*/" + path)
    for path in (
        "pkgconfig/gstreamer-base-1.0.pc",
        "gstreamer-1.0/libgstaudioconvert.so",
        "gstreamer-1.0/libgstaudioresample.so",
        "gstreamer-1.0/libgstwavparse.so",
    )
):
    config.available_features.add("gstreamer")
# Kernels of Halide, and the instructions of this machine that they may use.
if os.path.exists(os.path.join(config.lacuna_tools_dir, "lacuna-halide")):
    config.available_features.add("halide")
if os.path.exists("/proc/cpuinfo"):
    with open("/proc/cpuinfo") as cpuinfo:
        flags = cpuinfo.read().replace("avx512_vnni", "avx512vnni").split()
    for flag in "avx2", "avx512bw", "avx512vnni":
        if flag in flags:
            config.available_features.add(flag)
config.substitutions.append(("%host-cc", "cc -O1 -std=gnu11 -Wall -Wextra"))
if os.environ.get("LACUNA_FULL_TESTS"):
    config.available_features.add("full")

if config.sanitizers:
    config.available_features.add("sanitizers")
    # libMLIR keeps what it registers until the end.
    config.environment.setdefault("ASAN_OPTIONS", "detect_leaks=0")
