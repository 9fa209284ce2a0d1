//===- ArenaPicture.cpp - The arena over time, as SVG -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/ArenaPlanner.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace lacuna {

static std::string escape(StringRef text) {
  std::string escaped;
  raw_string_ostream os(escaped);
  printHTMLEscaped(text, os);
  return escaped;
}

std::string drawArena(const ArenaProblem &problem,
                      const ArenaSolution &solution) {
  constexpr int kWidth = 960, kHeight = 480, kMargin = 40;
  // Colours that neighbours do not share, chosen by the order of the buffers.
  constexpr StringLiteral kColours[] = {"#4e79a7", "#f28e2b", "#59a14f",
                                        "#e15759", "#76b7b2", "#edc948",
                                        "#b07aa1", "#9c755f"};
  int64_t steps = problem.steps.size();
  for (const ArenaBuffer &buffer : problem.buffers)
    steps = std::max(steps, buffer.last + 1);
  double perStep = double(kWidth) / std::max<int64_t>(steps, 1);
  double perByte = double(kHeight) / std::max<int64_t>(solution.bytes, 1);

  std::string text;
  raw_string_ostream os(text);
  os << formatv("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" "
                "height=\"{1}\" font-family=\"sans-serif\" font-size=\"10\">\n",
                kWidth + 2 * kMargin, kHeight + 2 * kMargin);
  os << formatv("<text x=\"{0}\" y=\"20\">arena {1} bytes, lower bound {2} "
                "bytes</text>\n",
                kMargin, solution.bytes, problem.getLowerBound());
  os << formatv("<rect x=\"{0}\" y=\"{0}\" width=\"{1}\" height=\"{2}\" "
                "fill=\"none\" stroke=\"black\"/>\n",
                kMargin, kWidth, kHeight);
  for (size_t i = 0; i < problem.buffers.size(); ++i) {
    const ArenaBuffer &buffer = problem.buffers[i];
    double top =
        kMargin + kHeight - (solution.offsets[i] + buffer.bytes) * perByte;
    os << formatv("<rect x=\"{0:f1}\" y=\"{1:f1}\" width=\"{2:f1}\" "
                  "height=\"{3:f1}\" fill=\"{4}\" stroke=\"white\">"
                  "<title>{5}: {6} bytes at {7}, steps {8} to {9}</title>"
                  "</rect>\n",
                  kMargin + buffer.first * perStep, top,
                  (buffer.last - buffer.first + 1) * perStep,
                  buffer.bytes * perByte, kColours[i % std::size(kColours)],
                  escape(buffer.name), buffer.bytes, solution.offsets[i],
                  buffer.first, buffer.last);
  }
  for (size_t i = 0; i < problem.steps.size(); ++i)
    os << formatv("<rect x=\"{0:f1}\" y=\"{1}\" width=\"{2:f1}\" height=\"8\" "
                  "fill=\"#dddddd\"><title>step {3}: {4}</title></rect>\n",
                  kMargin + i * perStep, kMargin + kHeight + 2, perStep, i,
                  escape(problem.steps[i]));
  os << "</svg>\n";
  return text;
}

} // namespace lacuna
