"""Compares conformance results with the list of what is expected.

check.py RESULTS.json EXPECTED         exits 1 if they differ
check.py --update [RESULTS.json EXPECTED]
                                       writes the list; without files, runs the
                                       suites that the tests run
"""

import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
DATA = pathlib.Path("/usr/share/libonnx-testdata/data")
SUITES = {
    "node.expected": ["node"],
    "others.expected": ["pytorch-converted", "pytorch-operator", "simple"],
}


def read_results(path):
    cases = json.loads(pathlib.Path(path).read_text())["cases"]
    return {case["name"]: case for case in cases}


def read_expected(path):
    lines = pathlib.Path(path).read_text().split("\n")
    return dict(reversed(line.split(" ", 1)) for line in lines if line)


def compare(results_file, expected_file):
    results = read_results(results_file)
    expected = read_expected(expected_file)
    differences = 0
    for name in sorted(results.keys() | expected.keys()):
        status = results[name]["status"] if name in results else "missing"
        wanted = expected.get(name, "missing")
        if status == wanted and status != "failed":
            continue
        differences += 1
        reason = results[name]["reason"].split("\n")[0] if name in results else ""
        print(f"{name}: {status}, expected {wanted}: {reason}")
    if differences:
        print(f"{differences} differences; bring the list up to date with "
              "'python3 test/conformance/check.py --update' if they are right")
    return 1 if differences else 0


def update(results_file, expected_file):
    results = read_results(results_file)
    lines = [f"{case['status']} {name}\n" for name, case in sorted(results.items())]
    pathlib.Path(expected_file).write_text("".join(lines))


def update_all():
    for name, folders in SUITES.items():
        results = HERE / (name + ".json")
        subprocess.run(
            [HERE.parent.parent / "build/bin/lacuna", "conformance"]
            + [DATA / folder for folder in folders]
            + ["--json", results],
            check=False,
        )
        update(results, HERE / name)
        results.unlink()


def main(arguments):
    if arguments == ["--update"]:
        update_all()
        return 0
    if len(arguments) == 3 and arguments[0] == "--update":
        update(*arguments[1:])
        return 0
    if len(arguments) == 2:
        return compare(*arguments)
    print(__doc__)
    return 1


sys.exit(main(sys.argv[1:]))
