//===- Node.h - What a handler sees of an ONNX node -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Handlers turn one node into IR. They see neither protobuf nor the rest of the
// graph: operands are values with static shapes, attributes are C++ values, and
// a refusal is a sentence.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_FRONTEND_NODE_H
#define LACUNA_LIB_FRONTEND_NODE_H

#include "lacuna/Support/HostTensor.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallVector.h"

namespace onnx {
class NodeProto;
class AttributeProto;
} // namespace onnx

namespace lacuna {

class GraphImporter;

/// An ONNX tensor in the IR: a ranked, static tensor value, and the ONNX type
/// that tells what its signless bits mean.
struct Operand {
  mlir::Value value;
  DType type = DType::Float32;

  mlir::RankedTensorType getTensorType() const {
    return mlir::cast<mlir::RankedTensorType>(value.getType());
  }
  llvm::ArrayRef<int64_t> getShape() const {
    return getTensorType().getShape();
  }
  int64_t getRank() const { return getTensorType().getRank(); }
  int64_t getDim(int64_t dim) const { return getShape()[dim]; }
  int64_t getNumElements() const { return getTensorType().getNumElements(); }
  mlir::Type getElementType() const { return getTensorType().getElementType(); }
  bool isFloat() const { return lacuna::isFloat(type); }
  bool isUnsigned() const { return lacuna::isUnsigned(type); }
};

/// The signless element type that holds `type`.
mlir::Type getElementType(mlir::MLIRContext *context, DType type);

/// Sizes and indices are clamped to this, so that their sums and products fit.
constexpr int64_t kMaxExtent = (int64_t(1) << 31) - 1;

/// Whether a tensor of this shape could be in a model. With a negative
/// dimension, or with more bytes than any machine has, it is a damaged file.
bool isPossibleShape(DType type, llvm::ArrayRef<int64_t> shape);

class Node {
public:
  Node(GraphImporter &importer, const onnx::NodeProto &proto,
       llvm::StringRef name, llvm::StringRef opType, int64_t opset,
       mlir::Location loc, mlir::OpBuilder &builder);

  /// Builds operations at the node's location.
  mlir::ImplicitLocOpBuilder b;

  llvm::StringRef getName() const { return name; }
  llvm::StringRef getOpType() const { return opType; }
  /// The opset of the node's domain that the model imports.
  int64_t getOpset() const { return opset; }

  //===--------------------------------------------------------------------===//
  // Operands. Trailing optional operands may be missing, and any may be "".
  //===--------------------------------------------------------------------===//

  size_t getNumInputs() const { return inputs.size(); }
  bool hasInput(size_t index) const {
    return index < inputs.size() && inputs[index].value;
  }
  const Operand &getInput(size_t index) const { return inputs[index]; }
  llvm::ArrayRef<Operand> getInputs() const { return inputs; }
  llvm::StringRef getInputName(size_t index) const;
  /// Puts another view of the same elements in the place of input `index`.
  void replaceInput(size_t index, mlir::Value value) {
    inputs[index].value = value;
  }
  /// Puts another tensor in the place of input `index`, for a handler that
  /// imports the rest as another one does.
  void replaceInput(size_t index, const Operand &operand) {
    inputs[index] = operand;
  }
  size_t getNumOutputs() const;
  /// Whether anybody may use output `index`.
  bool wantsOutput(size_t index) const;

  /// Whether the value of input `index` is known now.
  bool isConstant(size_t index) const;
  /// The value of input `index`. If it is not known now, says so as an error
  /// that names the graph inputs to bind.
  mlir::FailureOr<HostTensor> getConstant(size_t index);
  /// The same as sizes or indices, clamped to +-kMaxExtent.
  mlir::FailureOr<llvm::SmallVector<int64_t>> getConstantInts(size_t index);
  mlir::FailureOr<int64_t> getConstantInt(size_t index);
  mlir::FailureOr<llvm::SmallVector<double>> getConstantFloats(size_t index);

  //===--------------------------------------------------------------------===//
  // Attributes. Integers are clamped to +-kMaxExtent.
  //===--------------------------------------------------------------------===//

  bool hasAttr(llvm::StringRef name) const;
  int64_t getInt(llvm::StringRef name, int64_t otherwise) const;
  double getFloat(llvm::StringRef name, double otherwise) const;
  llvm::StringRef getString(llvm::StringRef name,
                            llvm::StringRef otherwise) const;
  llvm::SmallVector<int64_t> getInts(llvm::StringRef name) const;
  /// The numbers of an attribute that is data: one or several, not clamped.
  llvm::SmallVector<int64_t> getExactInts(llvm::StringRef name) const;
  llvm::SmallVector<float> getFloats(llvm::StringRef name) const;
  llvm::SmallVector<std::string> getStrings(llvm::StringRef name) const;
  /// The ONNX data type that an integer attribute such as `to` names.
  mlir::FailureOr<DType> getDType(llvm::StringRef name, DType otherwise);
  /// A tensor attribute as a constant operand.
  mlir::FailureOr<Operand> getTensor(llvm::StringRef name);

  /// Attribute `axis` (or `value`), wrapped if negative; an error if it does
  /// not lie in [0, rank).
  mlir::FailureOr<int64_t> getAxis(llvm::StringRef name, int64_t otherwise,
                                   int64_t rank);
  mlir::FailureOr<int64_t> wrapAxis(int64_t value, int64_t rank);

  //===--------------------------------------------------------------------===//
  // Results and refusals
  //===--------------------------------------------------------------------===//

  void setOutput(size_t index, mlir::Value value, DType type);
  /// Output 0, of the type of input 0.
  void setOutput(mlir::Value value) { setOutput(0, value, inputs[0].type); }
  llvm::ArrayRef<Operand> getOutputs() const { return outputs; }

  /// Tells that input `index` is no weight, though it may be a constant: the
  /// handler has written it into the IR, or it only decides how.
  void setConsumed(size_t index) { consumed.insert(index); }
  /// Tells that input `index` is a scale or a zero point: no weight that could
  /// be left out.
  void setScaling(size_t index) { scaling.insert(index); }
  /// Tells that zeros in input `index` are what input `zeroPoint` says, which
  /// has one element or one for each index along `axis`.
  void setZeroPoint(size_t index, size_t zeroPoint, int64_t axis) {
    zeroPoints[index] = {zeroPoint, axis};
  }

  /// Keeps the node in the IR though all its inputs are constants: what
  /// quantizes a weight is wanted later.
  void keepUnfolded() { foldable = false; }
  bool isFoldable() const { return foldable; }

  /// Lacuna cannot do this; the message ends with neither full stop nor
  /// newline. `remedy` is what the user can do about it.
  mlir::LogicalResult unsupported(const llvm::Twine &reason,
                                  const llvm::Twine &remedy = "");
  /// The model is wrong.
  mlir::LogicalResult invalid(const llvm::Twine &reason);

  /// Imports the graph attribute `name` in place and returns its results.
  mlir::FailureOr<llvm::SmallVector<Operand>>
  importSubgraph(llvm::StringRef name);

private:
  friend class GraphImporter;

  const onnx::AttributeProto *findAttr(llvm::StringRef name) const;

  GraphImporter &importer;
  const onnx::NodeProto &proto;
  llvm::StringRef name, opType;
  int64_t opset;
  llvm::SmallVector<Operand> inputs, outputs;
  /// Inputs whose value the handler has read: they are no weights.
  llvm::DenseSet<size_t> consumed;
  llvm::DenseSet<size_t> scaling;
  llvm::DenseMap<size_t, std::pair<size_t, int64_t>> zeroPoints;
  /// Why the node was refused, and what the user can do.
  std::string refusal, remedy;
  bool foldable = true;
  bool reported = false;
};

} // namespace lacuna

#endif // LACUNA_LIB_FRONTEND_NODE_H
