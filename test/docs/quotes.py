"""Checks that code quoted in a page still stands in the file that it names.

quotes.py ROOT PAGE...

A quote is a code block behind a line `<!-- from FILE -->`.
"""

import pathlib
import re
import sys


def main(root, pages):
    failures = count = 0
    for page in pages:
        text = pathlib.Path(page).read_text()
        for name, code in re.findall(
            r"<!-- from (\S+) -->\n```\w*\n(.*?)```", text, re.S
        ):
            count += 1
            if code not in (pathlib.Path(root) / name).read_text():
                failures += 1
                print(f"{page}: this no longer stands in {name}:\n{code}")
    print(f"{count} quotes checked")
    return 1 if failures or not count else 0


sys.exit(main(sys.argv[1], sys.argv[2:]))
