//===- Object.cpp - A kernel as an object file -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Object.h"

#include "backends/halide/Kernel.h"
#include "backends/halide/Schedule.h"

#include <llvm/IR/Constants.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Metadata.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Operator.h>
#include <llvm/Support/raw_ostream.h>

using namespace lacuna::halide;

/// Lets LLVM make code for `cpu`, not for the one that Halide's target names.
static void setProcessor(llvm::Module &module, const std::string &cpu) {
  llvm::LLVMContext &context = module.getContext();
  auto setFlag = [&](const char *name, const std::string &value) {
    llvm::NamedMDNode *flags = module.getModuleFlagsMetadata();
    for (unsigned i = 0; i < flags->getNumOperands(); ++i) {
      llvm::MDNode *flag = flags->getOperand(i);
      auto *key = llvm::cast<llvm::MDString>(flag->getOperand(1));
      if (key->getString() == name)
        flags->setOperand(
            i, llvm::MDNode::get(context,
                                 {flag->getOperand(0), flag->getOperand(1),
                                  llvm::MDString::get(context, value)}));
    }
  };
  for (const char *name : {"halide_mcpu", "halide_mcpu_target"})
    setFlag(name, cpu);
  setFlag("halide_mattrs", "");
  for (llvm::Function &function : module) {
    function.addFnAttr("target-cpu", cpu);
    function.removeFnAttr("target-features");
    function.removeFnAttr("tune-cpu");
  }
}

/// Lets a product and the sum with it be rounded once, even where floats are
/// strict, and nothing be assumed of infinities and NaN.
static void setFloatRules(llvm::Module &module) {
  for (llvm::Function &function : module)
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (llvm::isa<llvm::FPMathOperator>(instruction)) {
        instruction.setHasAllowContract(true);
        instruction.setHasNoNaNs(false);
        instruction.setHasNoInfs(false);
      }
}

static Kernel makeKernel(const Request &request, const Tile &tile,
                         const Machine &machine) {
  switch (request.family) {
  case Family::Conv:
    return makeConv(request, tile);
  case Family::Depthwise:
    return makeDepthwise(request, tile);
  case Family::Winograd:
    return makeWinograd(request, tile);
  case Family::Planar:
    return makePlanar(request, tile, getLanes(request, machine));
  case Family::Map:
    return makeMap(request, tile, getLanes(request, machine));
  case Family::Softmax:
    break;
  }
  return makeSoftmax(request, tile, getLanes(request, machine));
}

static bool makeObject(const Request &request, const Tile &tile,
                       const Machine &machine, const std::string &symbol,
                       const std::string &file, std::string &error,
                       bool byArray) {
  Kernel kernel = makeKernel(request, tile, machine);
  Halide::Target target(machine.halide);
  for (auto feature : {Halide::Target::NoAsserts, Halide::Target::NoBoundsQuery,
                       Halide::Target::NoRuntime})
    target.set_feature(feature);
  // Where bytes are rounded the two roundings are not one, and what has no
  // weights may meet infinities and NaN.
  if (request.isBytes() || !request.hasWeights())
    target.set_feature(Halide::Target::StrictFloat);
  Halide::Module module =
      kernel.output.compile_to_module(kernel.getArguments(), symbol, target);
  for (Halide::Internal::LoweredFunc &function : module.functions())
    function.linkage = byArray ? Halide::LinkageType::ExternalPlusArgv
                               : Halide::LinkageType::External;
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> code =
      Halide::compile_module_to_llvm_module(module, context);
  setProcessor(*code, machine.cpu);
  if (!request.isBytes())
    setFloatRules(*code);
  std::error_code failure;
  llvm::raw_fd_ostream os(file, failure);
  if (failure) {
    error = file + ": " + failure.message();
    return false;
  }
  Halide::compile_llvm_module_to_object(*code, os);
  os.flush();
  if (os.has_error()) {
    error = file + ": " + os.error().message();
    os.clear_error();
    return false;
  }
  return true;
}

bool lacuna::halide::writeObject(const Request &request, const Tile &tile,
                                 const Machine &machine,
                                 const std::string &symbol,
                                 const std::string &file, std::string &error,
                                 bool byArray) {
  // Halide reports by throwing.
  try {
    return makeObject(request, tile, machine, symbol, file, error, byArray);
  } catch (const Halide::Error &thrown) {
    error = "the kernel '" + request.name + "': " + thrown.what();
    return false;
  }
}
