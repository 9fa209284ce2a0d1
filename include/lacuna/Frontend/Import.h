//===- Import.h - ONNX models to MLIR -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_FRONTEND_IMPORT_H
#define LACUNA_FRONTEND_IMPORT_H

#include "lacuna/Support/HostTensor.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringMap.h"
#include <memory>
#include <string>
#include <vector>

namespace lacuna {

/// What the user fixes about a model before it is imported.
struct ImportOptions {
  /// Shapes of inputs by name; needed where the model leaves a dimension open.
  llvm::StringMap<llvm::SmallVector<int64_t>> shapes;
  /// Values of inputs by name; such an input becomes a constant and is no
  /// longer an argument.
  llvm::StringMap<HostTensor> bindings;
  /// Whether to keep a module that lacks what its unsupported nodes would do:
  /// for analysis. The failure is Unsupported then, and such nodes are listed.
  bool keepUnsupported = false;
};

/// Why an import failed, in the order of severity. Usage: the options do not
/// fit the model.
enum class ImportFailure { None, Unsupported, Invalid, Usage, CannotRead };

/// A graph input or output as the ONNX file has it.
struct ImportedValue {
  std::string name;
  DType type;
  llvm::SmallVector<int64_t> shape;
};

/// A constant of the model file, or computed from some, that a node uses.
struct ImportedWeight {
  std::string name;
  mlir::ElementsAttr elements;
  /// What stands for zero in a quantized weight: one element, or one for each
  /// index along `axis`. Null for the number zero.
  mlir::ElementsAttr zeroPoint;
  int64_t axis = 0;
  /// Whether it is a scale or zero point, which is never left out for being
  /// zero.
  bool isScaling = false;
};

/// An ONNX node that the import visited, for `inspect` and reports.
struct ImportedNode {
  std::string name;
  std::string opType;
  int64_t opset = 0;
  std::vector<ImportedValue> inputs, outputs;
  /// The inputs that are weights.
  std::vector<ImportedWeight> weights;
  /// Whether the node was computed at import and left no operation.
  bool folded = false;
  bool supported = true;
  /// Why it is not supported, and what the user can do; empty if only the nodes
  /// before it are to blame.
  std::string refusal, remedy;
};

struct ImportResult {
  /// One module with one public function `main`; null if the import failed.
  mlir::OwningOpRef<mlir::ModuleOp> module;
  ImportFailure failure = ImportFailure::None;
  std::vector<ImportedNode> nodes;
  /// Inputs whose value must be known at compile time: bind them, then import
  /// again. Filled when the failure is Unsupported.
  std::vector<std::string> inputsToBind;
  /// Inputs whose shape the model leaves open: give it, then import again.
  std::vector<std::string> inputsToShape;
  /// The names of all inputs that are no initializers, in the model's order.
  std::vector<std::string> inputNames;
};

/// Imports the ONNX model (protobuf or text) at `path`, `-` being standard
/// input. Errors are emitted as diagnostics of `context` at node locations.
ImportResult importModel(llvm::StringRef path, mlir::MLIRContext &context,
                         const ImportOptions &options);

/// Imports a model from memory; `folder` is where external data may lie.
ImportResult importModelFromBuffer(llvm::StringRef buffer,
                                   llvm::StringRef folder,
                                   mlir::MLIRContext &context,
                                   const ImportOptions &options);

/// Reads an ONNX TensorProto file.
llvm::Expected<HostTensor> readTensorProto(llvm::StringRef path);
llvm::Error writeTensorProto(llvm::StringRef path, llvm::StringRef name,
                             const HostTensor &tensor);

/// One line of `lacuna ops`.
struct SupportedOp {
  std::string domain, name;
  int64_t sinceVersion;
  /// Empty if supported; otherwise why this version is refused.
  std::string refusal;
  /// Whether no handler knows it: the standard's definition by other operators
  /// is imported in its place.
  bool isInlined = false;
};
std::vector<SupportedOp> getSupportedOps();

} // namespace lacuna

#endif // LACUNA_FRONTEND_IMPORT_H
