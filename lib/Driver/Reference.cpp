//===- Reference.cpp - Runs a module by its reference lowering -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Driver/Reference.h"

#include "dialects/qnn/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/bit.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;

namespace lacuna {

static func::FuncOp getMain(ModuleOp module) {
  return module.lookupSymbol<func::FuncOp>("main");
}

/// What compiled code takes for a tensor: MLIR's strided memref descriptor, for
/// any rank.
static std::vector<int64_t> makeDescriptor(const char *data,
                                           ArrayRef<int64_t> shape) {
  int64_t pointer = reinterpret_cast<intptr_t>(data);
  std::vector<int64_t> words = {pointer, pointer, /*offset=*/0};
  words.insert(words.end(), shape.begin(), shape.end());
  words.resize(words.size() + shape.size());
  int64_t stride = 1;
  for (size_t dim = shape.size(); dim-- > 0; stride *= shape[dim])
    words[3 + shape.size() + dim] = stride;
  return words;
}

/// Makes the large constants of `func` arguments, so that they are neither
/// copied into the code nor compiled. Returns their descriptors.
static std::vector<std::vector<int64_t>> hoistWeights(func::FuncOp func) {
  std::vector<std::vector<int64_t>> weights;
  func.walk([&](arith::ConstantOp constant) {
    auto resource = dyn_cast<DenseResourceElementsAttr>(constant.getValue());
    if (!resource)
      return;
    unsigned index = func.getNumArguments();
    if (failed(func.insertArgument(index, constant.getType(), {},
                                   constant.getLoc())))
      return;
    constant.replaceAllUsesWith(Value(func.getArgument(index)));
    constant.erase();
    weights.push_back(makeDescriptor(resource.getData().data(),
                                     resource.getType().getShape()));
  });
  return weights;
}

/// LLVM calls this to round to bfloat16, and older compiler runtimes lack it. A
/// bfloat16 is returned where the low half of a float is.
static float truncateToBFloat16(float value) {
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  if (value != value)
    bits = 0x7fc0;
  else
    bits = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  return llvm::bit_cast<float>(bits);
}

static llvm::orc::SymbolMap
getRuntimeSymbols(llvm::orc::MangleAndInterner interner) {
  llvm::orc::SymbolMap symbols;
  symbols[interner("__truncsfbf2")] = {
      llvm::orc::ExecutorAddr::fromPtr(&truncateToBFloat16),
      llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
  return symbols;
}

ReferenceProgram::~ReferenceProgram() = default;

std::unique_ptr<ReferenceProgram>
ReferenceProgram::compile(OwningOpRef<ModuleOp> module) {
  static bool initialized = [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    return true;
  }();
  (void)initialized;

  func::FuncOp func = getMain(*module);
  if (!func) {
    module->emitError("has no function 'main'");
    return nullptr;
  }
  std::unique_ptr<ReferenceProgram> program(new ReferenceProgram);
  program->inputs = lacuna::getInputs(*module);
  program->outputs = lacuna::getOutputs(*module);
  // What reads constants comes before they are arguments.
  PassManager folding(module->getContext());
  folding.addPass(qnn::createQNNFoldQuantization());
  if (failed(folding.run(*module)))
    return nullptr;
  program->weights = hoistWeights(func);
  func.removeArgAttrsAttr();
  func.removeResAttrsAttr();
  // Neither inputs nor weights may be computed in place.
  for (unsigned i = 0; i < func.getNumArguments(); ++i)
    func.setArgAttr(i, bufferization::BufferizationDialect::kWritableAttrName,
                    BoolAttr::get(func.getContext(), false));
  func->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                UnitAttr::get(func.getContext()));

  PassManager pm(module->getContext());
  buildReferencePipeline(pm);
  if (failed(pm.run(*module)))
    return nullptr;

  auto builder = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!builder) {
    module->emitError() << llvm::toString(builder.takeError());
    return nullptr;
  }
  auto machine = builder->createTargetMachine();
  if (!machine) {
    module->emitError() << llvm::toString(machine.takeError());
    return nullptr;
  }
  ExecutionEngineOptions options;
  auto transformer = makeOptimizingTransformer(/*optLevel=*/2, /*sizeLevel=*/0,
                                               machine->get());
  options.transformer = transformer;
  options.jitCodeGenOptLevel = llvm::CodeGenOptLevel::Default;
  options.enableGDBNotificationListener = false;
  options.enablePerfNotificationListener = false;
  auto engine = ExecutionEngine::create(*module, options, std::move(*machine));
  if (!engine) {
    module->emitError() << llvm::toString(engine.takeError());
    return nullptr;
  }
  program->engine = std::move(*engine);
  program->engine->registerSymbols(getRuntimeSymbols);
  return program;
}

llvm::Expected<std::vector<Program::Tensors>>
ReferenceProgram::runAll(ArrayRef<Tensors> samples) const {
  std::vector<Tensors> results;
  for (const Tensors &sample : samples) {
    llvm::Expected<Tensors> result = runOne(sample);
    if (!result)
      return result.takeError();
    results.push_back(std::move(*result));
  }
  return results;
}

llvm::Expected<Program::Tensors>
ReferenceProgram::runOne(ArrayRef<HostTensor> arguments) const {
  Tensors results;
  for (const Port &output : outputs)
    results.emplace_back(output.type, output.shape);
  // The code takes inputs, weights and outputs, in this order.
  std::vector<std::vector<int64_t>> descriptors;
  for (const HostTensor &argument : arguments)
    descriptors.push_back(makeDescriptor(argument.data(), argument.getShape()));
  descriptors.insert(descriptors.end(), weights.begin(), weights.end());
  for (const HostTensor &result : results)
    descriptors.push_back(makeDescriptor(result.data(), result.getShape()));
  SmallVector<void *> pointers, packed;
  for (std::vector<int64_t> &descriptor : descriptors)
    pointers.push_back(descriptor.data());
  for (void *&pointer : pointers)
    packed.push_back(&pointer);
  if (llvm::Error error = engine->invokePacked("_mlir_ciface_main", packed))
    return error;
  return results;
}

} // namespace lacuna
