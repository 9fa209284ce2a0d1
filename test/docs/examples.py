"""Runs the example of every operation in a generated page through lacuna-opt.

examples.py LACUNA_OPT PAGE...

An example is one operation on values that come from nowhere. They become the
arguments of a function, with the operand types that the example itself gives.
"""

import re
import subprocess
import sys


def split_types(text):
    """Splits at the commas outside brackets."""
    types, depth, start = [], 0, 0
    for i, char in enumerate(text):
        if char in "<([":
            depth += 1
        elif char in ">)]":
            depth -= 1
        elif char == "," and depth == 0:
            types.append(text[start:i])
            start = i + 1
    types.append(text[start:])
    return [one.strip() for one in types if one.strip()]


def wrap(example):
    """The example inside a function, or None if it is not a single operation."""
    body = re.sub(r"^%[\w, %]+=", "", example)
    signature = re.search(r":\s*\(([^{}]*)\)\s*->", example)
    groups = re.findall(r"\b(?:ins|bias|extras|outs)\([^:]*:([^)]*)\)", body)
    if not signature and not groups:
        return None
    names = list(dict.fromkeys(re.findall(r"%[\w]+", body.split("{")[0])))
    types = split_types(signature.group(1) if signature else ",".join(groups))
    if len(names) != len(types):
        return None
    arguments = ", ".join(f"{n}: {t}" for n, t in zip(names, types))
    return f"func.func @example({arguments}) {{\n{example}\nreturn\n}}\n"


def main(opt, pages):
    failures = count = 0
    for page in pages:
        with open(page) as file:
            text = file.read()
        for heading, rest in re.findall(
            r"^### `([\w.]+)`(.*?)(?=^### `|^## |\Z)", text, re.S | re.M
        ):
            examples = re.findall(r"```mlir\n(.*?)```", rest, re.S)
            module = wrap(examples[0]) if examples else None
            if not module:
                print(f"{page}: {heading}: no example of one operation")
                failures += 1
                continue
            run = subprocess.run(
                [opt, "-"], input=module, capture_output=True, text=True
            )
            count += 1
            if run.returncode:
                print(f"{page}: {heading}:\n{module}{run.stderr}")
                failures += 1
    print(f"{count} examples parse")
    return 1 if failures or not count else 0


sys.exit(main(sys.argv[1], sys.argv[2:]))
