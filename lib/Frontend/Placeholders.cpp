//===- Placeholders.cpp - Going on after a node that cannot be imported -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// All unsupported nodes of a model are reported together. Where one was
// refused, what it would have made is replaced by an empty tensor of the type
// that the model or ONNX's shape inference states, so that the nodes after it
// are tried too. The module is dropped in the end.
//
//===----------------------------------------------------------------------===//

#include "GraphImporter.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "onnx/shape_inference/implementation.h"

using namespace mlir;

namespace lacuna {

/// Weights larger than this are left out of the copy that shapes are inferred
/// on: they decide no shape.
static constexpr size_t kMaxShapeBytes = 1024;

/// Whether shape inference can be trusted with `node`: nothing has checked its
/// attributes, and the library divides by some of them.
static bool canInfer(const onnx::NodeProto &node) {
  return llvm::none_of(node.attribute(), [](const onnx::AttributeProto &attr) {
    StringRef name = attr.name();
    if (name == "blocksize" || name == "block_size")
      return attr.i() < 1;
    if (name != "strides" && name != "dilations" && name != "kernel_shape")
      return false;
    return llvm::any_of(attr.ints(), [](int64_t value) { return value < 1; });
  });
}

/// Drops the nodes that shape inference must not see, in subgraphs too.
static void
dropUnsafe(google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes) {
  for (int i = nodes.size(); i-- > 0;) {
    if (!canInfer(nodes.Get(i))) {
      nodes.DeleteSubrange(i, 1);
      continue;
    }
    for (onnx::AttributeProto &attr : *nodes.Mutable(i)->mutable_attribute()) {
      if (attr.has_g())
        dropUnsafe(*attr.mutable_g()->mutable_node());
      for (onnx::GraphProto &graph : *attr.mutable_graphs())
        dropUnsafe(*graph.mutable_node());
    }
  }
}

void GraphImporter::inferTypes() {
  typesInferred = true;
  onnx::ModelProto copy;
  copy.set_ir_version(model->ir_version());
  *copy.mutable_opset_import() = model->opset_import();
  *copy.mutable_functions() = model->functions();
  onnx::GraphProto &graph = *copy.mutable_graph();
  *graph.mutable_node() = model->graph().node();
  dropUnsafe(*graph.mutable_node());
  for (onnx::FunctionProto &function : *copy.mutable_functions())
    dropUnsafe(*function.mutable_node());
  *graph.mutable_input() = model->graph().input();
  *graph.mutable_output() = model->graph().output();
  *graph.mutable_value_info() = model->graph().value_info();
  for (const onnx::TensorProto &tensor : model->graph().initializer()) {
    onnx::TensorProto &shape = *graph.add_initializer();
    if (tensor.ByteSizeLong() <= kMaxShapeBytes) {
      shape = tensor;
      continue;
    }
    shape.set_name(tensor.name());
    shape.set_data_type(tensor.data_type());
    *shape.mutable_dims() = tensor.dims();
  }
  for (onnx::ValueInfoProto &input : *graph.mutable_input()) {
    const Operand *operand = scope->find(input.name());
    if (!operand || !operand->value)
      continue;
    auto *shape = input.mutable_type()->mutable_tensor_type()->mutable_shape();
    shape->clear_dim();
    for (int64_t size : operand->getShape())
      shape->add_dim()->set_dim_value(size);
  }
  try {
    onnx::shape_inference::InferShapes(
        copy, onnx::OpSchemaRegistry::Instance(),
        onnx::ShapeInferenceOptions(false, 0, /*data_prop=*/true));
  } catch (const std::exception &) {
    // What was inferred until then still helps.
  }
  auto add = [&](const auto &infos) {
    for (const onnx::ValueInfoProto &info : infos) {
      const auto &tensor = info.type().tensor_type();
      std::optional<DType> type = toDType(tensor.elem_type());
      if (!type || !tensor.has_shape())
        continue;
      SmallVector<int64_t> shape;
      for (const auto &dim : tensor.shape().dim())
        shape.push_back(dim.has_dim_value() && dim.dim_value() <= kMaxExtent
                            ? dim.dim_value()
                            : -1);
      if (llvm::all_of(shape, [](int64_t size) { return size >= 0; }))
        inferredTypes[info.name()] = {info.name(), *type, shape};
    }
  };
  add(copy.graph().value_info());
  add(copy.graph().output());
}

Operand GraphImporter::makePlaceholder(StringRef name) {
  // Function bodies and subgraphs have names of their own.
  if (depth > 0)
    return Operand();
  if (!typesInferred)
    inferTypes();
  auto inferred = inferredTypes.find(name);
  if (inferred == inferredTypes.end())
    return Operand();
  const ImportedValue &type = inferred->second;
  Value value =
      tensor::EmptyOp::create(builder, UnknownLoc::get(&context), type.shape,
                              getElementType(&context, type.type));
  placeholders.insert(value);
  return {value, type.type};
}

} // namespace lacuna
