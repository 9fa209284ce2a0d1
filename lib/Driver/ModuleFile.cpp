//===- ModuleFile.cpp - Modules as files between the phases -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ModuleFile.h"

#include "lacuna/Driver/Diagnostics.h"
#include "lacuna/Support/HostTensor.h"

#include "dialects/nn/IR/NNDialect.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/EmitC/IR/EmitC.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace lacuna {

/// Weights past this are written as bytecode: as text they would take twice the
/// room and nobody would read them.
static constexpr size_t kMaxTextBytes = size_t(16) << 20;

bool isModuleFile(StringRef path) {
  return path.ends_with(".mlir") || path.ends_with(".mlirbc");
}

static bool isTensorOfNumbers(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !tensor.hasStaticShape() || tensor.getEncoding())
    return false;
  Type element = tensor.getElementType();
  return isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(element) ||
         element.isSignlessInteger(1) || element.isSignlessInteger(8) ||
         element.isSignlessInteger(16) || element.isSignlessInteger(32) ||
         element.isSignlessInteger(64);
}

/// Whether elements of `type` are held as `element`.
static bool isHeldAs(DType type, Type element) {
  switch (type) {
  case DType::Float32:
    return element.isF32();
  case DType::Float64:
    return element.isF64();
  case DType::Float16:
    return element.isF16();
  case DType::BFloat16:
    return element.isBF16();
  case DType::Bool:
    return element.isInteger(1);
  default:
    return element.isInteger(8 * getByteSize(type));
  }
}

/// Whether the bits of `type` can be what `nn.type` among `attrs` says.
static bool isOfStatedType(Type type, DictionaryAttr attrs) {
  Attribute stated = attrs ? attrs.get(nn::NNDialect::kTypeAttr) : Attribute();
  if (!stated)
    return true;
  auto name = dyn_cast<StringAttr>(stated);
  std::optional<DType> known = name ? parseDType(name) : std::nullopt;
  return known &&
         isHeldAs(*known, cast<RankedTensorType>(type).getElementType());
}

/// What the rest of the driver takes for granted of an imported module.
static LogicalResult checkModule(ModuleOp module) {
  auto func = module.lookupSymbol<func::FuncOp>("main");
  if (!func || func.isExternal())
    return module.emitError("the module has no function 'main' on tensors");
  for (Type type :
       llvm::concat<const Type>(func.getArgumentTypes(), func.getResultTypes()))
    if (!isTensorOfNumbers(type))
      return func.emitError("function 'main' takes or gives ")
             << type << ", which is not a tensor of fixed shape";
  auto checkStated = [&](TypeRange types, auto getAttrs) -> LogicalResult {
    for (auto [i, type] : llvm::enumerate(types))
      if (DictionaryAttr attrs = getAttrs(i); !isOfStatedType(type, attrs))
        return func.emitError("function 'main' takes or gives ")
               << type << ", which '" << nn::NNDialect::kTypeAttr << "' calls "
               << attrs.get(nn::NNDialect::kTypeAttr);
    return success();
  };
  if (failed(checkStated(func.getArgumentTypes(),
                         [&](size_t i) { return func.getArgAttrDict(i); })) ||
      failed(checkStated(func.getResultTypes(),
                         [&](size_t i) { return func.getResultAttrDict(i); })))
    return failure();
  WalkResult walked = module.walk([](arith::ConstantOp constant) {
    auto resource = dyn_cast<DenseResourceElementsAttr>(constant.getValue());
    if (!resource)
      return WalkResult::advance();
    ShapedType type = resource.getType();
    size_t bytes = 0;
    if (isTensorOfNumbers(type))
      bytes = type.getNumElements() *
              std::max(type.getElementTypeBitWidth() / 8, 1u);
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (blob && blob->getData().size() == bytes)
      return WalkResult::advance();
    constant.emitError("the weight '")
        << resource.getRawHandle().getKey()
        << "' is missing or not as long as its type needs";
    return WalkResult::interrupt();
  });
  return failure(walked.wasInterrupted());
}

/// That a module is one of `stage`, after all of its passes.
static LogicalResult checkLowered(ModuleOp module, ModuleStage stage) {
  auto isOfStage = [&](FunctionOpInterface func) {
    if (stage == ModuleStage::Code)
      return isa<emitc::FuncOp>(func);
    return isa<func::FuncOp>(func) && func.getNumArguments() > 0 &&
           llvm::all_of(func.getArgumentTypes(),
                        [](Type type) { return isa<MemRefType>(type); });
  };
  auto main =
      dyn_cast_or_null<FunctionOpInterface>(module.lookupSymbol("main"));
  if (!main || main.isExternal() || !isOfStage(main))
    return module.emitError("the module is not what the phase '")
           << (stage == ModuleStage::Code ? "emit" : "lower")
           << "' writes; name the phase that wrote it with --compile-from";
  return success();
}

OwningOpRef<ModuleOp> readModule(StringRef path, MLIRContext &context,
                                 ModuleStage stage, int &exitCode) {
  auto file = llvm::MemoryBuffer::getFile(path);
  if (!file) {
    emitError(UnknownLoc::get(&context))
        << "cannot read the file: " << file.getError().message();
    exitCode = kExitFile;
    return nullptr;
  }
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(*file), {});
  OwningOpRef<ModuleOp> module =
      parseSourceFile<ModuleOp>(sources, ParserConfig(&context));
  exitCode = kExitOk;
  if (module &&
      succeeded(stage == ModuleStage::Tensors ? checkModule(*module)
                                              : checkLowered(*module, stage)))
    return module;
  exitCode = kExitInvalidModel;
  return nullptr;
}

int writeModule(ModuleOp module, StringRef stem) {
  size_t bytes = 0;
  module.walk([&](arith::ConstantOp constant) {
    if (auto resource =
            dyn_cast<DenseResourceElementsAttr>(constant.getValue()))
      bytes += resource.getData().size();
  });
  bool asText = bytes <= kMaxTextBytes;
  std::string path = (stem + (asText ? ".mlir" : ".mlirbc")).str();
  std::error_code error;
  llvm::raw_fd_ostream file(path, error);
  if (error)
    return reportError(path, error.message(), kExitFile);
  if (asText) {
    // Locations hold the names of the ONNX nodes.
    module->print(file, OpPrintingFlags().enableDebugInfo());
    file << "\n";
  } else if (failed(writeBytecodeToFile(module, file,
                                        BytecodeWriterConfig("Lacuna")))) {
    return reportError(path, "cannot write the module", kExitFile);
  }
  file.flush();
  if (!file.has_error())
    return kExitOk;
  std::string reason = file.error().message();
  file.clear_error();
  return reportError(path, reason, kExitFile);
}

} // namespace lacuna
