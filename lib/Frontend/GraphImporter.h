//===- GraphImporter.h - Walks an ONNX graph and builds the module -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_FRONTEND_GRAPHIMPORTER_H
#define LACUNA_LIB_FRONTEND_GRAPHIMPORTER_H

#include "Node.h"
#include "OpTable.h"

#include "lacuna/Frontend/Import.h"
#include "onnx/onnx_pb.h"

namespace lacuna {

class GraphImporter {
public:
  /// `model` outlives the module: weights point into it.
  GraphImporter(std::shared_ptr<onnx::ModelProto> model, llvm::StringRef folder,
                mlir::MLIRContext &context, const ImportOptions &options,
                ImportResult &result);

  void run();

private:
  friend class Node;

  /// Names visible at a place: a subgraph sees those of the graph around it, a
  /// function body only its own.
  struct Scope {
    llvm::StringMap<Operand> values;
    const Scope *parent = nullptr;

    const Operand *find(llvm::StringRef name) const {
      auto found = values.find(name);
      if (found != values.end())
        return &found->second;
      return parent ? parent->find(name) : nullptr;
    }
  };

  // The model as a whole.
  mlir::LogicalResult readOpsets(
      const google::protobuf::RepeatedPtrField<onnx::OperatorSetIdProto> &sets,
      llvm::StringMap<int64_t> &opsets);
  mlir::LogicalResult importGraph();
  mlir::LogicalResult checkOptions();
  /// Whether a result is what the graph declares it to be.
  mlir::LogicalResult checkDeclared(const onnx::ValueInfoProto &output,
                                    const Operand &value);
  mlir::LogicalResult importInitializers(const onnx::GraphProto &graph);
  mlir::FailureOr<ImportedValue> resolveInput(const onnx::ValueInfoProto &info);
  mlir::FailureOr<Operand> createBinding(const ImportedValue &input,
                                         const HostTensor &value);

  // Nodes.
  using Nodes = google::protobuf::RepeatedPtrField<onnx::NodeProto>;
  mlir::LogicalResult importNodes(const Nodes &nodes);
  mlir::LogicalResult importNode(const onnx::NodeProto &proto, size_t index,
                                 const Nodes &nodes);
  mlir::LogicalResult gatherInputs(Node &node, const Nodes &nodes);
  mlir::LogicalResult runHandler(Node &node);
  mlir::LogicalResult checkOutputs(Node &node);
  /// Replaces outputs that can be computed now by constants.
  bool foldOutputs(Node &node, mlir::Operation *before);
  void record(const Node &node, bool folded, bool supported);
  static ImportedWeight makeWeight(const Node &node, size_t index,
                                   mlir::ElementsAttr elements);
  std::string makeUniqueName(const onnx::NodeProto &proto, size_t index);

  // Operators that ONNX or the model itself defines by other operators.
  bool findFunction(const Node &node, onnx::FunctionProto &function);
  mlir::LogicalResult importFunction(Node &node,
                                     const onnx::FunctionProto &function);

  // Constants.
  mlir::FailureOr<Operand> createConstant(mlir::Location loc,
                                          const onnx::TensorProto &tensor);
  mlir::FailureOr<mlir::ElementsAttr>
  createElements(mlir::Location loc, const onnx::TensorProto &tensor);
  /// Notes the graph inputs that `value` is computed from, `names`, as inputs
  /// to bind. Returns false if it is computed from a placeholder.
  bool traceInputs(mlir::Value value,
                   llvm::SmallVectorImpl<std::string> &names);

  // Going on after a failure.
  void inferTypes();
  Operand makePlaceholder(llvm::StringRef name);

  mlir::InFlightDiagnostic emitInvalid(mlir::Location loc);
  mlir::InFlightDiagnostic emitUnsupported(mlir::Location loc);
  /// An option that does not fit the model.
  mlir::InFlightDiagnostic emitUsage();
  void note(ImportFailure failure);

  std::shared_ptr<onnx::ModelProto> model;
  std::string folder;
  mlir::MLIRContext &context;
  const ImportOptions &options;
  ImportResult &result;

  mlir::OpBuilder builder;
  Scope *scope = nullptr;
  llvm::StringMap<int64_t> opsets;
  llvm::StringMap<size_t> nodeNames;
  /// Where everything that a function body contains comes from.
  Node *enclosing = nullptr;
  unsigned depth = 0;
  /// How many nodes function bodies have given so far.
  size_t functionNodes = 0;
  llvm::DenseMap<mlir::Value, std::string> argumentNames;
  llvm::StringMap<ImportedValue> inferredTypes;
  bool typesInferred = false;
  llvm::DenseSet<mlir::Value> placeholders;
};

/// The DType of an ONNX data type; none if Lacuna does not compute with it.
std::optional<DType> toDType(int32_t onnxType);
std::string onnxTypeName(int32_t onnxType);

/// The elements of `tensor` where they are stored in the message, little-endian
/// and dense; an error says what is wrong with it.
llvm::Expected<HostTensor> decodeTensor(const onnx::TensorProto &tensor);
/// What the elements of `tensor` are read as; none if Lacuna does not compute
/// with them.
std::optional<DType> getReadType(const onnx::TensorProto &tensor);
/// How many bytes the `count` elements of `tensor`, read as `type`, are stored
/// in, and those elements: integers of 4 bits lie two in a byte.
size_t getStoredBytes(const onnx::TensorProto &tensor, DType type,
                      int64_t count);
HostTensor copyStored(const onnx::TensorProto &tensor, DType type,
                      llvm::ArrayRef<int64_t> shape, const char *stored);
/// The type and shape of `tensor`, checked.
llvm::Expected<std::pair<DType, llvm::SmallVector<int64_t>>>
checkTensorType(const onnx::TensorProto &tensor);

} // namespace lacuna

#endif // LACUNA_LIB_FRONTEND_GRAPHIMPORTER_H
