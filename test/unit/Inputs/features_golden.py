"""Writes FeaturesGolden.inc: what the TC-ResNets' front end makes of a signal.

    features_golden.py > FeaturesGolden.inc

By the formulas it was trained with, in doubles: Hann windows of 480 samples every
160, the power of an FFT of 512, 64 triangular filters from 20 to 7600 Hz, the
logarithm of 1e-6 more, 40 coefficients of the orthonormal DCT.
"""

import cmath
import math

RATE, WINDOW, HOP, FFT, MELS, COEFFICIENTS = 16000, 480, 160, 512, 64, 40
FRAMES = 3


def signal(count):
    """Samples of 16 bits: a sweep of triangles, and noise. FeaturesTest.cpp has the
    same."""
    noise, phase, samples = 1, 0, []
    for i in range(count):
        noise = (noise * 1664525 + 1013904223) % 2**32
        phase = (phase + 8 * i) % 65536
        samples.append(abs(phase - 32768) // 2 - 8192 + (noise >> 22) - 512)
    return samples


def hertz(mels):
    return 700 * (10 ** (mels / 2595) - 1)


def features(samples):
    low, high = (2595 * math.log10(1 + hz / 700) for hz in (20, 7600))
    edges = [hertz(low + (high - low) * i / (MELS + 1)) for i in range(MELS + 2)]
    turns = [cmath.exp(-2j * math.pi * i / FFT) for i in range(FFT)]
    windowed = [
        value / 32768 * (0.5 - 0.5 * math.cos(2 * math.pi * i / WINDOW))
        for i, value in enumerate(samples)
    ]
    logarithms = [1e-6] * MELS
    for bin in range(FFT // 2 + 1):
        value = sum(x * turns[bin * i % FFT] for i, x in enumerate(windowed))
        f = bin * RATE / FFT
        for m in range(MELS):
            begin, peak, end = edges[m : m + 3]
            weight = min((f - begin) / (peak - begin), (end - f) / (end - peak))
            logarithms[m] += max(0, weight) * abs(value) ** 2
    return [
        sum(
            math.log(energy) * math.cos(math.pi / MELS * (m + 0.5) * k)
            for m, energy in enumerate(logarithms)
        )
        * math.sqrt((2 if k else 1) / MELS)
        for k in range(COEFFICIENTS)
    ]


samples = signal(WINDOW + (FRAMES - 1) * HOP)
print("// Written by features_golden.py.")
for frame in range(FRAMES):
    row = features(samples[frame * HOP : frame * HOP + WINDOW])
    numbers = [f"{value:.5f}" for value in row]
    print("{" + ",\n ".join(", ".join(numbers[i : i + 8]) for i in range(0, 40, 8)) + "},")
