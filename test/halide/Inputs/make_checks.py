"""Writes kernel requests and a program in C that checks them.

usage: make_checks.py TARGET LANES TOGETHER REQUESTS.txt MAIN.c

Each kernel runs on memory that ends where a page ends that may not be read, and
is compared with plain loops: bytes exactly, floats within rounding.
"""

import sys

# family, element, out (images, planes, rows, columns), taps, stride, dilation,
# depth, channels, groups, and what else there is.
CASES = [
    ("conv", "f32", (1, 1, 1, 49), (1, 1, 9), 2, 1, 16, 24, 1, "bias relu"),
    ("conv", "f32", (1, 1, 7, 7), (1, 3, 3), 1, 1, 5, 33, 1, "bias residual"),
    ("conv", "f32", (2, 1, 5, 11), (1, 3, 2), 2, 1, 4, 12, 1, ""),
    ("conv", "f32", (1, 3, 4, 5), (2, 3, 2), 1, 2, 3, 16, 1, "relu6"),
    ("conv", "f32", (1, 1, 6, 13), (1, 3, 3), 1, 1, 6, 20, 3, "bias"),
    ("conv", "f32", (1, 1, 1, 1), (1, 1, 1), 1, 1, 64, 12, 1, "bias"),
    ("conv", "f32", (1, 1, 1, 100), (1, 1, 1), 1, 1, 64, 64, 1, "residual relu"),
    ("conv", "f32", (1, 1, 1, 17), (1, 1, 1), 1, 1, 7, 1, 1, "bias"),
    ("conv", "u8", (1, 1, 1, 100), (1, 1, 1), 1, 1, 64, 64, 1, "u8"),
    ("conv", "s8", (1, 1, 1, 49), (1, 1, 9), 2, 1, 16, 24, 1, "s8 relu"),
    ("conv", "s8", (1, 1, 5, 5), (1, 3, 3), 1, 1, 3, 16, 1, "u8"),
    ("conv", "u8", (2, 2, 3, 7), (2, 3, 2), 2, 1, 6, 12, 1, "s8"),
    ("conv", "u8", (1, 1, 4, 9), (1, 3, 3), 1, 2, 10, 20, 2, "u8 relu"),
    ("conv", "u8", (1, 1, 1, 1), (1, 1, 1), 1, 1, 63, 10, 1, "s8"),
    ("conv", "u8", (1, 1, 1, 5), (1, 1, 1), 1, 1, 1, 3, 1, "u8"),
    ("depthwise", "f32", (1, 1, 7, 13), (1, 3, 3), 1, 1, 1, 40, 1, "bias relu6"),
    ("depthwise", "f32", (1, 1, 7, 7), (1, 3, 3), 2, 1, 1, 32, 1, "residual"),
    ("depthwise", "f32", (1, 1, 1, 20), (1, 1, 30), 1, 1, 1, 5, 1, "bias"),
    ("depthwise", "u8", (1, 1, 6, 6), (1, 3, 3), 1, 1, 1, 24, 1, "u8 relu"),
    ("depthwise", "s8", (2, 1, 3, 9), (1, 5, 3), 2, 1, 1, 19, 1, "s8"),
    ("planar", "f32", (1, 1, 1, 150), (1, 1, 1), 1, 1, 64, 64, 1, "bias relu"),
    ("planar", "f32", (2, 1, 3, 37), (1, 1, 1), 1, 1, 5, 7, 1, "bias relu6"),
    ("planar", "f32", (1, 1, 1, 9), (1, 1, 1), 1, 1, 33, 50, 1, ""),
    ("planar", "f32", (3, 1, 2, 3), (1, 1, 1), 1, 1, 4, 1, 1, "bias"),
    ("winograd", "f32", (1, 1, 8, 8), (1, 3, 3), 1, 1, 32, 48, 1, "bias relu"),
    ("winograd", "f32", (2, 1, 5, 11), (1, 3, 3), 1, 1, 20, 16, 1, "residual"),
    ("winograd", "f32", (1, 1, 1, 3), (1, 3, 3), 1, 1, 16, 32, 1, "bias relu6"),
]


def power_of_two(most):
    power = 1
    while 2 * power <= most:
        power *= 2
    return power


class Case:
    def __init__(self, index, row, lanes, together):
        (self.family, self.element, self.out, self.taps, stride, dilation,
         self.depth, self.channels, self.groups, words) = row
        self.words = words.split()
        self.name = f"kernel_{index}"
        self.is_bytes = self.element != "f32"
        depthwise = self.family == "depthwise"
        planar = self.family == "planar"
        pixel = self.channels if depthwise else self.depth * self.groups
        size = [(o - 1) * stride + (t - 1) * dilation + 1
                for o, t in zip(self.out[1:], self.taps)]
        steps = [size[1] * size[2] * pixel, size[2] * pixel, pixel]
        # Of a planar kernel the channels come before space.
        self.in_channel = size[0] * size[1] * size[2] if planar else 1
        if planar:
            steps = [size[1] * size[2], size[2], 1]
        image = size[0] * size[1] * size[2] * pixel
        self.in_step = [image] + [s * stride for s in steps]
        self.tap_step = [s * dilation for s in steps]
        self.in_size = self.out[0] * image
        self.total = self.channels * self.groups
        step, self.out_step = 1 if planar else self.total, []
        for n in reversed(self.out[1:]):
            self.out_step.insert(0, step)
            step *= n
        self.out_channel = step if planar else 1
        self.out_step.insert(0, step * self.total if planar else step)
        self.out_size = self.out[0] * self.out_step[0]
        self.together = together if self.is_bytes and not depthwise else 1
        self.lanes = lanes
        if self.is_bytes or depthwise:
            self.lanes = min(lanes, power_of_two(self.channels))
        if planar:
            self.lanes = 1

    def request(self):
        lines = [f"kernel {self.name} {self.family} {self.element}",
                 f"  block {self.lanes} {self.together}"]

        def numbers(key, values):
            lines.append(f"  {key} " + " ".join(map(str, values)))

        numbers("out", self.out)
        numbers("in-step", self.in_step)
        numbers("out-step", self.out_step)
        if "residual" in self.words:
            numbers("residual-step", self.out_step)
        numbers("taps", self.taps)
        numbers("tap-step", self.tap_step)
        numbers("depth", [self.depth])
        numbers("channels", [self.channels])
        if self.groups > 1:
            numbers("groups", [self.groups, self.depth, self.channels])
        if self.family == "planar":
            numbers("channel-step", [self.in_channel, self.out_channel])
        if self.is_bytes or "bias" in self.words:
            lines.append("  bias")
        if "relu6" in self.words:
            lines.append("  clamp 0 6")
        elif "relu" in self.words:
            lines.append("  clamp 3 inf" if self.is_bytes else "  clamp 0 inf")
        if self.is_bytes:
            lines.append(f"  requantize {self.words[0]} 3")
        return "\n".join(lines) + "\n"

    def call(self):
        arguments = ["in", "packed"]
        if self.is_bytes or "bias" in self.words:
            arguments.append("bias")
        if self.is_bytes:
            arguments.append("scale")
        if "residual" in self.words:
            arguments.append("residual")
        return f"{self.name}({', '.join(arguments + ['out'])})"

    def check(self):
        def text(values):
            return "{" + ", ".join(map(str, values)) + "}"

        flags = [int(self.is_bytes or "bias" in self.words),
                 int("residual" in self.words),
                 int("relu" in self.words or "relu6" in self.words),
                 int("relu6" in self.words), int(self.element == "s8"),
                 int(self.is_bytes and self.words[0] == "u8")]
        element = "int8_t" if self.is_bytes else "float"
        shape = (f"{{{text(self.out)}, {text(self.in_step)}, "
                 f"{text(self.out_step)}, {text(self.taps)}, "
                 f"{text(self.tap_step)}, {self.depth}, {self.channels}, "
                 f"{self.groups}, {int(self.family == 'depthwise')}, "
                 f"{int(self.family == 'winograd')}, "
                 f"{self.lanes}, {self.together}, {self.in_channel}, "
                 f"{self.out_channel}, {self.in_size}, "
                 f"{self.out_size}, {', '.join(map(str, flags))}}}")
        bias = "int32_t" if self.is_bytes else "float"
        return f"""
static void call_{self.name}(const void *in, const void *packed,
    const void *bias_, const float *scale, const float *residual, void *out) {{
  const {bias} *bias = (const {bias} *)bias_;
  (void)bias, (void)scale, (void)residual;
  {self.call().replace("(in, packed", f"((const {element} *)in, (const {element} *)packed").replace("out)", f"({element} *)out)")};
}}
static const struct shape shape_{self.name} = {shape};
"""


def main():
    target, lanes, together = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    cases = [Case(i, row, lanes, together) for i, row in enumerate(CASES)]
    with open(sys.argv[4], "w") as requests:
        requests.write(f"target {target}\n")
        for case in cases:
            requests.write(case.request())
    with open(sys.argv[5], "w") as program:
        program.write('#include "kernels.h"\n#include "check.h"\n')
        for case in cases:
            program.write(case.check())
        program.write("\nint main(void) {\n  int wrong = 0;\n")
        for case in cases:
            program.write(
                f"  wrong += {'check_bytes' if case.is_bytes else 'check_floats'}"
                f"(\"{case.name}\", &shape_{case.name}, call_{case.name});\n")
        program.write(
            f'  printf("{len(cases)} kernels, %d wrong\\n", wrong);\n'
            "  return wrong != 0;\n}\n")


main()
