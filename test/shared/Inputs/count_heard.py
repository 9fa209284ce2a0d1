"""Counts the clips in which the app of docs/examples/kws hears the right class, which
is the name of their folder.

    count_heard.py KWS FOLDER [OPTION...]
"""

import pathlib
import re
import subprocess
import sys

kws, folder, *options = sys.argv[1:]
clips = sorted(pathlib.Path(folder).glob("*/*.wav"))
command = [kws, *options, "--clip", *clips]
lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
right = 0
for clip, line in zip(clips, lines.splitlines(), strict=True):
    match = re.fullmatch(r"(.*): (\w+) \(.*\)", line)
    assert match[1] == str(clip)
    right += match[2] == clip.parent.name
print(f"{right} of {len(clips)} clips right")
