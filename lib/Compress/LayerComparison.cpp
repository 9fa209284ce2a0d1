//===- LayerComparison.cpp - How like two networks are -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Compress/LayerComparison.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>
#include <cmath>

using namespace lacuna;
using llvm::ArrayRef;

void Likeness::add(const HostTensor &expected, const HostTensor &actual) {
  for (int64_t i = 0; i < expected.getNumElements(); ++i) {
    double a = expected.getAsDouble(i), b = actual.getAsDouble(i);
    signal += a * a;
    other += b * b;
    product += a * b;
    noise += (a - b) * (a - b);
  }
}

double Likeness::getSqnr() const {
  // What JSON has no number for is far beyond what a float can show.
  constexpr double kMost = 200;
  double decibels = noise == 0    ? kMost
                    : signal == 0 ? -kMost
                                  : 10 * std::log10(signal / noise);
  return std::clamp(std::isnan(decibels) ? -kMost : decibels, -kMost, kMost);
}

double Likeness::getCosine() const {
  double cosine = signal == 0 || other == 0
                      ? double(signal == other)
                      : product / std::sqrt(signal * other);
  return std::isfinite(cosine) ? cosine : 0;
}

llvm::json::Array lacuna::describeLayers(ArrayRef<LayerLikeness> layers) {
  llvm::json::Array array;
  for (const LayerLikeness &layer : layers)
    array.push_back(llvm::json::Object{{"name", layer.name},
                                       {"sqnr_db", layer.likeness.getSqnr()},
                                       {"cosine", layer.likeness.getCosine()}});
  return array;
}

void lacuna::printLayers(ArrayRef<LayerLikeness> layers,
                         llvm::raw_ostream &os) {
  std::vector<const LayerLikeness *> order;
  for (const LayerLikeness &layer : layers)
    order.push_back(&layer);
  llvm::stable_sort(order, [](const LayerLikeness *a, const LayerLikeness *b) {
    return a->likeness.getSqnr() < b->likeness.getSqnr();
  });
  os << llvm::formatv("{0,8} {1,9}  {2}\n", "SQNR dB", "cosine", "layer");
  for (const LayerLikeness *layer : order)
    os << llvm::formatv(
        "{0,8} {1,9}  {2}\n",
        llvm::formatv("{0:f2}", layer->likeness.getSqnr()).str(),
        llvm::formatv("{0:f6}", layer->likeness.getCosine()).str(),
        layer->name);
}

//===----------------------------------------------------------------------===//
// The plot
//===----------------------------------------------------------------------===//

/// Text with nothing that XML takes for its own.
static std::string escape(llvm::StringRef text) {
  std::string escaped;
  for (char c : text)
    escaped += c == '<'   ? "&lt;"
               : c == '>' ? "&gt;"
               : c == '&' ? "&amp;"
                          : std::string(1, c);
  return escaped;
}

void lacuna::plotLayers(ArrayRef<LayerLikeness> layers, llvm::raw_ostream &os) {
  constexpr int kRow = 18, kLabel = 420, kChart = 480, kTop = 28, kTick = 10;
  double most = kTick;
  for (const LayerLikeness &layer : layers)
    most = std::max(most, std::min(layer.likeness.getSqnr(), 100.0));
  most = std::ceil(most / kTick) * kTick;
  int height = kTop + kRow * int(layers.size()) + kRow;
  os << llvm::formatv("<svg xmlns=\"http://www.w3.org/2000/svg\" "
                      "width=\"{0}\" height=\"{1}\" "
                      "font-family=\"sans-serif\" font-size=\"11\">\n",
                      kLabel + kChart + 60, height);
  os << llvm::formatv("<text x=\"{0}\" y=\"12\">signal to quantization "
                      "noise, dB</text>\n",
                      kLabel);
  for (int tick = 0; tick <= most; tick += kTick) {
    double x = kLabel + kChart * tick / most;
    os << llvm::formatv("<line x1=\"{0:f1}\" x2=\"{0:f1}\" y1=\"{1}\" "
                        "y2=\"{2}\" stroke=\"#ddd\"/>\n",
                        x, kTop - 4, height - kRow);
    os << llvm::formatv("<text x=\"{0:f1}\" y=\"{1}\" "
                        "text-anchor=\"middle\">{2}</text>\n",
                        x, height - 4, tick);
  }
  for (auto [i, layer] : llvm::enumerate(layers)) {
    double decibels = layer.likeness.getSqnr();
    int y = kTop + kRow * int(i);
    double width = kChart * std::clamp(decibels, 0.0, most) / most;
    os << llvm::formatv("<text x=\"{0}\" y=\"{1}\" "
                        "text-anchor=\"end\">{2}</text>\n",
                        kLabel - 6, y + 12, escape(layer.name));
    os << llvm::formatv("<rect x=\"{0}\" y=\"{1}\" width=\"{2:f1}\" "
                        "height=\"{3}\" fill=\"#4a7ab5\"/>\n",
                        kLabel, y + 2, width, kRow - 5);
    os << llvm::formatv("<text x=\"{0:f1}\" y=\"{1}\">{2:f1}</text>\n",
                        kLabel + width + 4, y + 12, decibels);
  }
  os << "</svg>\n";
}
