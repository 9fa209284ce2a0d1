"""refuse.py: gives lacuna-halide requests that are wrong, one after another, and
checks the line that it prints."""

import subprocess
import sys

HEAD = "target x86-64-v3\n"
CONV = HEAD + "kernel a conv f32\nblock 8 1\nchannels 8\n"
BYTES = HEAD + "kernel a conv u8\nblock 8 2\nchannels 8\nbias\n"
DEPTHWISE = HEAD + "kernel a depthwise f32\nblock 8 1\n"
SOFTMAX = HEAD + "kernel a softmax f32\nchannels 8\n"

# The requests, and the line and the words of what is printed.
CASES = [
    ("kernel a conv f32\n", 1, "there is no 'target'"),
    (HEAD, 1, "there is no 'kernel'"),
    (HEAD + HEAD, 2, "one 'target NAME' stands before all kernels"),
    ("block 8 1\n", 1, "'block' stands in no kernel"),
    (HEAD + "kernel a conv\n", 2, "a kernel is 'kernel NAME FAMILY f32|u8|s8'"),
    (HEAD + "kernel a conv f64\n", 2, "there are no kernels of 'f64'"),
    (HEAD + "kernel 3a conv f32\n", 2, "'3a' is no name in C"),
    (HEAD + "kernel int conv f32\n", 2, "'int' is no name in C"),
    (CONV + "bias 1\n", 5, "'bias' stands alone"),
    (SOFTMAX + "log 2\n", 4, "'log' stands alone"),
    (CONV + "clamp 1 0\n", 5, "'clamp' wants a lower and an upper bound"),
    (CONV + "depth 0\n", 5, "'depth' wants numbers of at least 1, not '0'"),
    (BYTES + "requantize s16 0\n", 6, "'requantize' wants u8 or s8 and a zero point"),
    (BYTES + "requantize u8 256\n", 2, "has a zero point that is no byte"),
    (BYTES + "requantize u8 0\nclamp 300 400\n", 2, "has a 'clamp' whose bounds are no bytes"),
    (BYTES + "requantize u8 0\nclamp 0.5 6\n", 2, "has a 'clamp' whose bounds are no bytes"),
    (BYTES + "residual-step 0 0 0 8\n", 2, "is of bytes, and they have no residual"),
    (HEAD + "kernel a conv f32\nblock 8 1\n", 2, "has no 'channels'"),
    (HEAD + "kernel a conv f32\nchannels 8\nblock 6 1\n", 2, "a power of two of channels"),
    (HEAD + "kernel a conv f32\nchannels 8\nblock 8 3\n", 2, "of 1, 2 or 4 products"),
    (HEAD + "kernel a conv f32\nchannels 8\nblock 8 2\n", 2, "cannot have products side by side"),
    (HEAD + "kernel a conv u8\nchannels 4\nblock 8 1\nbias\n", 2, "has fewer channels than a block"),
    (DEPTHWISE + "channels 12\nresidual-step 0 0 0 12\n", 2, "blocks must divide its channels"),
    (DEPTHWISE + "channels 8\ndepth 2\n", 2, "has no groups or depth of its own"),
    (HEAD + "kernel a winograd f32\nblock 8 1\nchannels 8\n", 2, "taps other than 3x3"),
    (CONV + "out 1 1 1 80\ntile 65 1\n", 2, "has a 'tile' of more than 64 sums"),
    (SOFTMAX + "tile 2 1\n", 2, "wants a 'tile' of one pixel and at most 8 registers"),
    (SOFTMAX + "input x 0 0 0 1\n", 2, "which only maps have"),
    (HEAD + "kernel a softmax f32\n", 2, "has no 'channels'"),
    (HEAD + "kernel a map f32\ninput x 0 0 0 1\nvalue y neg x\nlog\n", 2,
     "is a map and has channels or a logarithm"),
    (HEAD + "kernel a map f32\ninput\n", 3, "'input' wants a name"),
    (HEAD + "kernel a map f32\nvalue y\n", 3, "'value' wants a name and an operation"),
]

tool, folder = sys.argv[1:]
wrong = 0
for text, line, words in CASES:
    done = subprocess.run([tool, "-", "-o", folder], input=text, capture_output=True, text=True)
    first = done.stderr.split("\n")[0]
    if done.returncode != 1 or not first.startswith(f"-:{line}: error: ") or words not in first:
        wrong += 1
        print(f"{text}{words}, in line {line}: exit {done.returncode}, {first}")
print(f"{len(CASES)} refused, {wrong} otherwise than expected")
sys.exit(wrong != 0)
