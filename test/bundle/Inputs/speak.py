"""Writes words that espeak-ng speaks, a second and a half for each, as 16-bit mono
sound.

    speak.py FILE.wav RATE WORD...
"""

import math
import struct
import subprocess
import sys
import wave


def speak(word):
    """The samples and their rate."""
    command = ["espeak-ng", "-v", "en-gb", "--stdout", word]
    data = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    # The sizes in the header are open: it was written to a pipe.
    start = data.index(b"data") + 8
    count = (len(data) - start) // 2
    rate = struct.unpack_from("<I", data, 24)[0]
    return struct.unpack_from(f"<{count}h", data, start), rate


def resample(samples, old, new):
    """By a windowed sinc over 16 periods of the lower rate."""
    cutoff = min(1, new / old)
    reach = 16 / cutoff
    result = []
    for i in range(int(len(samples) * new / old)):
        centre, total = i * old / new, 0
        first, last = math.ceil(centre - reach), math.floor(centre + reach)
        for j in range(max(first, 0), min(last, len(samples) - 1) + 1):
            x = math.pi * cutoff * (j - centre)
            sinc = math.sin(x) / x if x else 1
            total += samples[j] * sinc * (0.5 + 0.5 * math.cos(x / 16))
        result.append(max(-32768, min(32767, round(total * cutoff))))
    return result


path, rate = sys.argv[1], int(sys.argv[2])
sound = [0] * (rate // 2)
for word in sys.argv[3:]:
    samples = resample(*speak(word), rate)
    sound += samples + [0] * (rate * 3 // 2 - len(samples))
with wave.open(path, "wb") as file:
    file.setparams((1, 2, rate, 0, "NONE", ""))
    file.writeframes(struct.pack(f"<{len(sound)}h", *sound))
