"""Writes well-known networks as ONNX text, their weights by ConstantOfShape so
that no weights are stored: for what depends on shapes only.

    networks.py vgg16|alexnet|c3d|tc_resnet8_12|tconv|tconv2d
"""

import sys


class Net:
    def __init__(self, shape):
        self.shape, self.lines, self.value = shape, [], "x"

    def weight(self, shape):
        name = "w%d" % len(self.lines)
        text = ", ".join(map(str, shape))
        self.lines.append("s_%s = Constant <value_ints = [%s]> ()" % (name, text))
        self.lines.append("%s = ConstantOfShape (s_%s)" % (name, name))
        return name

    def add(self, op, inputs, attributes=""):
        name = "v%d" % len(self.lines)
        attributes = " <%s>" % attributes if attributes else ""
        self.lines.append("%s = %s%s (%s)" % (name, op, attributes, ", ".join(inputs)))
        self.value = name
        return name

    def conv(self, inputs, outputs, kernel, stride=None, pad=None, relu=True):
        rank = len(kernel)
        weight = self.weight([outputs, inputs] + kernel)
        bias = self.weight([outputs])
        self.add(
            "Conv",
            [self.value, weight, bias],
            "strides = %s, pads = %s"
            % (stride or [1] * rank, (pad or [0] * rank) * 2),
        )
        return self.add("Relu", [self.value]) if relu else self.value

    def pool(self, kernel, stride=None, pad=None):
        pads = ", pads = %s" % pad if pad else ""
        self.add(
            "MaxPool",
            [self.value],
            "kernel_shape = %s, strides = %s%s" % (kernel, stride or kernel, pads),
        )

    def dense(self, inputs, outputs, relu=True):
        weight, bias = self.weight([outputs, inputs]), self.weight([outputs])
        self.add("Gemm", [self.value, weight, bias], "transB = 1")
        if relu:
            self.add("Relu", [self.value])

    def text(self, outputs):
        shape = lambda sizes: ", ".join(map(str, sizes))
        return '<ir_version: 7, opset_import: ["" : 13]>\n' + (
            "net (float[%s] x) => (float[%s] %s) {\n  %s\n}\n"
            % (shape(self.shape), shape(outputs), self.value, "\n  ".join(self.lines))
        )


def vgg16():
    net, channels = Net([1, 3, 224, 224]), 3
    for count, outputs in [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)]:
        for _ in range(count):
            net.conv(channels, outputs, [3, 3], pad=[1, 1])
            channels = outputs
        net.pool([2, 2])
    net.add("Flatten", [net.value])
    net.dense(512 * 7 * 7, 4096)
    net.dense(4096, 4096)
    net.dense(4096, 1000, relu=False)
    return net.text([1, 1000])


def alexnet():
    """In one column, as torchvision has it: no groups."""
    net = Net([1, 3, 227, 227])
    net.conv(3, 64, [11, 11], [4, 4], [2, 2])
    net.pool([3, 3], [2, 2])
    net.conv(64, 192, [5, 5], pad=[2, 2])
    net.pool([3, 3], [2, 2])
    net.conv(192, 384, [3, 3], pad=[1, 1])
    net.conv(384, 256, [3, 3], pad=[1, 1])
    net.conv(256, 256, [3, 3], pad=[1, 1])
    net.pool([3, 3], [2, 2])
    net.add("Flatten", [net.value])
    net.dense(256 * 6 * 6, 4096)
    net.dense(4096, 4096)
    net.dense(4096, 1000, relu=False)
    return net.text([1, 1000])


def c3d():
    """Up to fc7: the class layer depends on the data set."""
    net, channels = Net([1, 3, 16, 112, 112]), 3
    stages = [(1, 64), (1, 128), (2, 256), (2, 512), (2, 512)]
    for stage, (count, outputs) in enumerate(stages):
        for _ in range(count):
            net.conv(channels, outputs, [3, 3, 3], pad=[1, 1, 1])
            channels = outputs
        kernel = [1, 2, 2] if stage == 0 else [2, 2, 2]
        net.pool(kernel, pad=[0, 0, 0, 0, 1, 1] if stage == 4 else None)
    net.add("Flatten", [net.value])
    net.dense(8192, 4096)
    net.dense(4096, 4096)
    return net.text([1, 4096])


def tc_resnet8_12():
    """TC-ResNet8 as published, for 12 classes: like tc_resnet8.onnx, whose class
    layer has 6."""
    net, channels, frames = Net([1, 40, 98]), 40, 98
    net.conv(40, 16, [3], pad=[1], relu=False)
    channels = 16
    for outputs in [24, 32, 48]:
        short = net.value
        net.conv(channels, outputs, [9], [2], [4])
        net.conv(outputs, outputs, [9], pad=[4], relu=False)
        main, net.value = net.value, short
        net.conv(channels, outputs, [1], [2])
        net.add("Add", [main, net.value])
        net.add("Relu", [net.value])
        channels, frames = outputs, (frames + 1) // 2
    net.add("GlobalAveragePool", [net.value])
    net.add("Flatten", [net.value])
    net.dense(48, 12, relu=False)
    return net.text([1, 12])


def tconv():
    """98 frames of 40 frequencies as channels, 3 frames wide, to 12 channels."""
    net = Net([1, 40, 98])
    net.conv(40, 12, [3], pad=[1], relu=False)
    return net.text([1, 12, 98])


def tconv2d():
    """Its twin in two dimensions, with frequency as the width and as many
    weights: 3 by 3, to 160 channels."""
    net = Net([1, 1, 98, 40])
    net.conv(1, 160, [3, 3], pad=[1, 1], relu=False)
    return net.text([1, 160, 98, 40])


if __name__ == "__main__":
    sys.stdout.write(globals()[sys.argv[1]]())
