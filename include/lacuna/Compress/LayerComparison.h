//===- LayerComparison.h - How like two networks are -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_COMPRESS_LAYERCOMPARISON_H
#define LACUNA_COMPRESS_LAYERCOMPARISON_H

#include "lacuna/Support/HostTensor.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <string>
#include <vector>

namespace lacuna {

/// How like a tensor is to what it should be, over several samples.
class Likeness {
public:
  void add(const HostTensor &expected, const HostTensor &actual);

  /// Signal to noise, in decibels, between -200 and 200.
  double getSqnr() const;
  /// The cosine of the angle between the two.
  double getCosine() const;

private:
  double signal = 0, noise = 0, other = 0, product = 0;
};

/// A layer of two networks.
struct LayerLikeness {
  std::string name;
  Likeness likeness;
};

/// `layers[]` of reports: `name`, `sqnr_db`, `cosine`.
llvm::json::Array describeLayers(llvm::ArrayRef<LayerLikeness> layers);

/// A table of layers, those that differ most first.
void printLayers(llvm::ArrayRef<LayerLikeness> layers, llvm::raw_ostream &os);

/// A plot of signal to noise, layer by layer, as SVG.
void plotLayers(llvm::ArrayRef<LayerLikeness> layers, llvm::raw_ostream &os);

} // namespace lacuna

#endif // LACUNA_COMPRESS_LAYERCOMPARISON_H
