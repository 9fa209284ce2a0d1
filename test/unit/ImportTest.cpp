//===- ImportTest.cpp - Damaged models must not crash the import -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Frontend/Import.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "onnx/defs/parser.h"
#include "onnx/onnx_pb.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace lacuna;

static constexpr const char *kNet = R"(
<ir_version: 7, opset_import: ["" : 13]>
net (float[1, 2, 6] x, float[2, 2] z) => (float[1, 15] y, float[2, 3] g)
<float[3, 2, 3] w = {1, 0, -1, 2, 0.5, 3, 1, 1, 1, 0, 0, 0, 7, 8, 9, -1, -2, 4},
 float[3] b = {1, 2, 3}, int64[2] s = {1, 15}, float[2, 3] m = {1, 2, 3, 4, 5, 6}>
{
  c = Conv <pads = [0, 1], strides = [1], dilations = [1]> (x, w, b)
  r = Relu (c)
  t = Reshape (r, s)
  k = Constant <value_float = 2.0> ()
  y = Mul (t, k)
  g = Gemm <alpha = 0.5, transB = 0> (z, m)
}
)";

/// A small model as protobuf, with raw data for one of its weights.
static std::string makeModel() {
  onnx::ModelProto model;
  onnx::OnnxParser parser(kNet);
  EXPECT_TRUE(parser.Parse(model).IsOK());
  for (onnx::TensorProto &tensor :
       *model.mutable_graph()->mutable_initializer()) {
    if (tensor.name() != "m")
      continue;
    tensor.set_raw_data(tensor.float_data().data(), 6 * sizeof(float));
    tensor.clear_float_data();
  }
  return model.SerializeAsString();
}

namespace {
/// Imports in one context for all: making one costs more than an import.
class Importer {
public:
  Importer()
      : context(MLIRContext::Threading::DISABLED),
        handler(&context, [&](Diagnostic &diagnostic) {
          ++messages;
          text = diagnostic.str();
          return success();
        }) {}

  /// Whether the import succeeds. If not, there must be a message.
  bool import(llvm::StringRef bytes) {
    messages = 0;
    ImportResult result = importModelFromBuffer(bytes, "", context, {});
    bool succeeded = bool(result.module);
    EXPECT_EQ(succeeded, result.failure == ImportFailure::None) << text;
    EXPECT_TRUE(succeeded || messages > 0);
    return succeeded;
  }

private:
  MLIRContext context;
  size_t messages = 0;
  std::string text;
  ScopedDiagnosticHandler handler;
};
} // namespace

TEST(ImportTest, ImportsTheIntactModel) {
  EXPECT_TRUE(Importer().import(makeModel()));
}

TEST(ImportTest, EveryDamagedByte) {
  std::string model = makeModel();
  Importer importer;
  // Single bits change tags and lengths; the others make numbers huge or zero.
  for (uint8_t flip : {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff}) {
    for (size_t at = 0; at < model.size(); ++at) {
      std::string damaged = model;
      damaged[at] ^= flip;
      importer.import(damaged);
    }
  }
  for (uint8_t value : {0x00, 0x7f, 0xff}) {
    for (size_t at = 0; at < model.size(); ++at) {
      std::string damaged = model;
      damaged[at] = char(value);
      importer.import(damaged);
    }
  }
}

TEST(ImportTest, EveryTruncation) {
  std::string model = makeModel();
  Importer importer;
  for (size_t length = 0; length < model.size(); ++length)
    importer.import(llvm::StringRef(model).take_front(length));
}

TEST(ImportTest, EveryByteLeftOutOrTwice) {
  std::string model = makeModel();
  Importer importer;
  for (size_t at = 0; at < model.size(); ++at) {
    std::string shorter = model, longer = model;
    shorter.erase(at, 1);
    longer.insert(at, 1, model[at]);
    importer.import(shorter);
    importer.import(longer);
  }
}

TEST(ImportTest, DamagedText) {
  std::string text = kNet;
  Importer importer;
  for (size_t at = 0; at < text.size(); ++at) {
    std::string damaged = text;
    damaged.erase(at, 1);
    importer.import(damaged);
    importer.import(llvm::StringRef(text).take_front(at));
    for (char other : {'9', '-', '(', '\0'}) {
      damaged = text;
      damaged[at] = other;
      importer.import(damaged);
    }
  }
}
