//===- DensityTable.cpp - How many values of layers are not zero -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Schedule/DensityTable.h"

#include "Fields.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace lacuna {

static void visitLayer(FieldVisitor &visitor, Densities &layer) {
  constexpr RealRange kShare = {0, 1};
  visitor.text({"name", "", "of the layer, or of an ONNX node in it", true},
               TextKind::Line, layer.name);
  visitor.real({"activations", "", "share of its inputs that are not zero"},
               kShare, layer.activations);
  visitor.real({"weights", "", "share of its weights that are not zero"},
               kShare, layer.weights);
  visitor.real({"variation", "",
                "standard deviation between the shares of its filters, as a "
                "part of their mean"},
               {0, 10}, layer.variation);
  visitor.flag({"wideActivations", "",
                "all of its inputs are outliers, as the values of an image"},
               layer.wideActivations);
  visitor.flag({"wideWeights", "", "all of its weights are"},
               layer.wideWeights);
}

void visitFields(FieldVisitor &visitor, DensityTable &table) {
  visitor.text({"source", "", "where the numbers come from"}, TextKind::Line,
               table.source);
  visitor.real({"outliers", "",
                "share of all values that are outliers, for machines that "
                "have lanes for them"},
               {0, 1}, table.outliers);
  visitor.list(
      {"layers", "", "those that are not mentioned have no zeros", true},
      {1, 100000}, table.layers.size(),
      [&](size_t size) { table.layers.resize(size); },
      [&](size_t i) { visitLayer(visitor, table.layers[i]); });
}

Expected<DensityTable> DensityTable::read(StringRef text, StringRef file) {
  Complaints complaints(file);
  YamlNode root = readYaml(text, complaints);
  if (complaints.empty() && root.kind != YamlNode::Kind::Mapping)
    complaints.add(root.position, "expected the keys of a table of densities");
  if (Error error = complaints.take())
    return error;

  DensityTable table;
  FieldReader reader(root, complaints);
  reader.read(table);
  if (Error error = complaints.take())
    return error;
  table.file = file.str();
  for (auto [i, layer] : enumerate(table.layers)) {
    Position position =
        reader.getPosition(("layers[" + Twine(i) + "].name").str());
    layer.line = position.line;
    layer.column = position.column;
  }
  return table;
}

void DensityTable::printFields(raw_ostream &os) {
  printFieldTable(os, [](FieldVisitor &visitor) {
    DensityTable table;
    table.layers.emplace_back();
    visitFields(visitor, table);
  });
}

} // namespace lacuna
