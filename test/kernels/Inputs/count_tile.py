#!/usr/bin/env python3
"""Counts loads, stores and multiply-adds of the functions of an object file.

usage: count_tile.py FILE.o [FUNCTION=EXPECTED ...]

One instruction per 128-bit vector: LDP and STP of vectors count as two, LD1 and
ST1 as the number of their registers. SADDW belongs to the multiply-add of
SMULL and SMLAL. Everything else (addresses, return) is counted apart.
"""
import re
import shutil
import subprocess
import sys

MULTIPLY = re.compile(r"^(fmla|smull2?|smlal2?|saddw2?|sadalp|sdot|smmla)$")


def disassembly(path):
    for tool in ("llvm-objdump-22", "aarch64-linux-gnu-objdump"):
        if shutil.which(tool):
            extra = ["--mattr=+dotprod,+i8mm"] if "llvm" in tool else []
            command = [tool, "-d", "--no-show-raw-insn", *extra, path]
            return subprocess.run(
                command, check=True, capture_output=True, text=True
            ).stdout
    sys.exit("count_tile.py: no objdump for AArch64")


def vectors_moved(name, operands):
    registers = re.search(r"\{([^}]*)\}", operands)
    if registers:
        first_last = re.findall(r"v(\d+)", registers[1])
        if "-" in registers[1]:
            return (int(first_last[1]) - int(first_last[0])) % 32 + 1
        return len(first_last)
    return 2 if name in ("ldp", "stp") else 1


def counts(text):
    result, function = {}, None
    for line in text.splitlines():
        label = re.match(r"[0-9a-f]+ <(.*)>:", line)
        if label:
            function = result.setdefault(label[1], [0, 0, 0, 0])
            continue
        match = re.match(r"\s+[0-9a-f]+:\s+(\S+)\s*(.*)", line)
        if not match or function is None:
            continue
        name = match[1].split(".")[0]
        if MULTIPLY.match(name):
            function[2] += 1
        elif re.match(r"ld", name):
            function[0] += vectors_moved(name, match[2])
        elif re.match(r"st", name):
            function[1] += vectors_moved(name, match[2])
        else:
            function[3] += 1
    return result


def main():
    found = counts(disassembly(sys.argv[1]))
    wrong = False
    for name, (loads, stores, multiplies, others) in found.items():
        total = loads + stores + multiplies
        print(
            f"{name}: {loads} loads + {stores} stores + {multiplies} "
            f"multiply-adds = {total} ({others} others)"
        )
    for expectation in sys.argv[2:]:
        name, number = expectation.split("=")
        total = sum(found[name][:3]) if name in found else None
        if total != int(number):
            print(f"{name}: expected {number}, found {total}")
            wrong = True
    sys.exit(wrong)


if __name__ == "__main__":
    main()
