"""Cycles of the hottest loops of a network, as llvm-mca sees them.

    tools/bench/inner_loops.py [--core CORE] [--loops N] [MODEL.onnx...]

Compiles, builds and runs each network as instructions.py does, takes the innermost
loops that run the most instructions and prints for each, on models of a
Cortex-A55 (in order) and a Neoverse-N1 (the server's Cortex-A76; llvm-mca's own
cortex-a76 is that of a Cortex-A57): instructions and multiply-adds an iteration,
cycles, the least cycles that the units of the core allow, and multiply-adds a
cycle. Caches are assumed to hit. Without models, the cases of instructions.py on
--core.
"""

import argparse
import collections
import pathlib
import re
import sys

import instructions
from instructions import CORES, Failure, run

MODELS = ["cortex-a55", "neoverse-n1"]
ITERATIONS = 200

# Products of a vector instruction, by mnemonic and arrangement of its result; those
# that add into it only, except for the widening products, of which the sums come
# later.
PRODUCTS = {
    ("fmla", "4s"): 4,
    ("fmul", "4s"): 0,
    ("sdot", "4s"): 16,
    ("smmla", "4s"): 32,
    ("smull", "8h"): 8,
    ("smull2", "8h"): 8,
    ("smlal", "8h"): 8,
    ("smlal2", "8h"): 8,
    ("smlal", "4s"): 4,
    ("smlal2", "4s"): 4,
}

Instruction = collections.namedtuple("Instruction", "address text")
Loop = collections.namedtuple("Loop", "function body count")


def disassemble(program):
    """Functions as (name, instructions)."""
    text = run(["llvm-objdump-22", "-d", "--demangle", "--no-show-raw-insn", program])
    for block in re.split(r"\n\n", text):
        head = re.match(r"\s*[0-9a-f]+ <(.*)>:\n", block)
        if head:
            lines = re.findall(r"^\s*([0-9a-f]+):\s+(.*)$", block, re.M)
            yield head[1], [Instruction(int(a, 16), t.strip()) for a, t in lines]


def loops(program, counts):
    """The innermost loops that run, those that run the most first."""
    found = []
    for function, body in disassemble(program):
        index = {one.address: i for i, one in enumerate(body)}
        ranges = set()
        for end, one in enumerate(body):
            branch = re.match(r"(b\.\w+|cbn?z|tbn?z)\s[^<]*\b0x([0-9a-f]+) <", one.text)
            start = index.get(int(branch[2], 16)) if branch else None
            if start is not None and start <= end:
                ranges.add((start, end))
        for start, end in ranges:
            inner = ((s, e) for s, e in ranges if (s, e) != (start, end))
            if any(start <= s and e <= end for s, e in inner):
                continue
            part = body[start : end + 1]
            count = sum(counts.get(hex(one.address), 0) for one in part)
            if count:
                found.append(Loop(function, part, count))
    return sorted(found, key=lambda loop: -loop.count)


def assembly(loop):
    """A loop as llvm-mca reads it: where branches go is all the same."""
    lines = [".Lstart:"]
    for one in loop.body:
        text = re.sub(r"\s*(<.*>|//.*)$", "", one.text)
        if re.match(r"(b|bl|b\.\w+|cbn?z|tbn?z)\s", text):
            text = re.sub(r"0x[0-9a-f]+$", ".Lstart", text)
        lines.append(text)
    return "\n".join(lines) + "\n"


def products(loop):
    total = 0
    for one in loop.body:
        match = re.match(r"(\w+)\s+v\d+\.(\w+),", one.text)
        total += PRODUCTS.get((match[1], match[2]), 0) if match else 0
    return total


def cycles(file, model):
    """Cycles an iteration, and what the core's units allow."""
    command = ["llvm-mca-22", "-mtriple=aarch64-linux-gnu", f"-mcpu={model}"]
    command += ["-mattr=+dotprod,+i8mm,+fullfp16", f"-iterations={ITERATIONS}"]
    text = run([*command, file])
    total = re.search(r"Total Cycles:\s+(\d+)", text)
    least = re.search(r"Block RThroughput:\s+([\d.]+)", text)
    if not total or not least:
        raise Failure("llvm-mca: no cycles")
    return int(total[1]) / ITERATIONS, float(least[1])


def show(case, number, emulator, arguments, work):
    core = CORES[case.core]
    folder = work / "bundles" / f"{case.model.stem}-{core.name}"
    bundle = instructions.Bundle(arguments.lacuna, case, core, folder)
    macs = instructions.inspect(arguments.lacuna, case.model)["total"]["macs"]
    program = core, bundle.program, bundle.arguments, macs
    counts = emulator.per_inference(*program, option=",byaddr=on")
    total = counts.pop("total_insns")
    print(f"{case.name}, {case.core}: {total:,.0f} instructions")
    for loop in loops(bundle.program, counts)[:number]:
        size, macs = len(loop.body), products(loop)
        name = re.search(r"\brun_\w+|\w+$", re.sub(r"\(.*", "", loop.function))
        name = name[0] if name else loop.function
        print(
            f"  {name} at {loop.body[0].address:#x}: {loop.count / total:.1%} of the"
            f" instructions, {size} an iteration, {macs} multiply-adds"
        )
        file = folder / "loop.s"
        file.write_text(assembly(loop))
        for model in MODELS:
            try:
                took, least = cycles(file, model)
            except Failure as failure:
                print(f"    {model}: {failure}")
                continue
            rate = f", {macs / took:.2f} multiply-adds a cycle" if macs else ""
            print(f"    {model:12} {took:7.2f} cycles, at least {least:.2f}{rate}")


def main():
    sys.stdout.reconfigure(line_buffering=True)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", type=pathlib.Path, metavar="MODEL.onnx")
    parser.add_argument("--core", choices=CORES, default="cortex-a76")
    parser.add_argument("--loops", type=int, default=3, metavar="N")
    parser.add_argument("--work", type=pathlib.Path, default=instructions.WORK)
    parser.add_argument("--lacuna", type=pathlib.Path, default=instructions.LACUNA)
    arguments = parser.parse_args()
    work = arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    emulator = instructions.Emulator(work)
    only = "\n" if arguments.models else None
    failed = False
    for case in instructions.cases(work, arguments.models, arguments.core, only):
        if case.core != arguments.core:
            continue
        try:
            show(case, arguments.loops, emulator, arguments, work)
        except Failure as failure:
            print(f"{case.name}, {case.core}: {failure}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
