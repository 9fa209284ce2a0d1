"""Compares conformance results with the list of what is expected.

check.py [--part] RESULTS.json EXPECTED   exits 1 if they differ; --part: the results
                                          are those of some of the cases
check.py --update [RESULTS.json EXPECTED] writes the list; without files, runs the
                                          suites that the tests run
"""

import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
DATA = pathlib.Path("/usr/share/libonnx-testdata/data")
# Lists and folders of cases.
SUITES = {
    "node.expected": ["node"],
    "others.expected": ["pytorch-converted", "pytorch-operator", "simple"],
}


def read_results(path):
    cases = json.loads(pathlib.Path(path).read_text())["cases"]
    return {case["name"]: case for case in cases}


def read_expected(path):
    lines = pathlib.Path(path).read_text().splitlines()
    return dict(reversed(line.split(" ", 1)) for line in lines)


def compare(results_file, expected_file, is_part):
    results = read_results(results_file)
    expected = read_expected(expected_file)
    names = results.keys() if is_part else results.keys() | expected.keys()
    differences = 0
    for name in sorted(names):
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
    return 1 if differences or not results else 0


def update(results_file, expected_file):
    results = read_results(results_file)
    lines = [f"{case['status']} {name}\n" for name, case in sorted(results.items())]
    pathlib.Path(expected_file).write_text("".join(lines))


def update_all():
    for expected, folders in SUITES.items():
        results = HERE / (expected + ".json")
        subprocess.run(
            [HERE.parent.parent / "build/bin/lacuna", "conformance"]
            + [DATA / folder for folder in folders]
            + ["--json", results],
            check=False,
        )
        update(results, HERE / expected)
        results.unlink()


def main(arguments):
    if arguments == ["--update"]:
        update_all()
        return 0
    option = arguments.pop(0) if arguments[:1] in (["--update"], ["--part"]) else ""
    if len(arguments) != 2:
        print(__doc__)
        return 1
    if option == "--update":
        update(*arguments)
        return 0
    return compare(*arguments, option == "--part")


sys.exit(main(sys.argv[1:]))
