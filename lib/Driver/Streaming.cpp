//===- Streaming.cpp - Networks that go step by step -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Streaming.h"

#include "Commands/Command.h"
#include "Commands/TargetOptions.h"
#include "TensorFile.h"

#include "dialects/qnn/Transforms/Passes.h"
#include "dialects/tconv/IR/TConvDialect.h"
#include "dialects/tconv/Transforms/Passes.h"
#include "lacuna/Driver/Diagnostics.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace lacuna;
namespace cl = llvm::cl;

StreamOption::StreamOption(cl::SubCommand &sub)
    : spec("stream", cl::ValueOptional, cl::value_desc("[NAME:]axis=N,hop=N"),
           cl::desc("Go through recordings frame by frame. Time is dimension "
                    "axis of input NAME, or the longest that layers walk "
                    "along; a step takes hop frames, or as many as the strides "
                    "multiply to"),
           cl::sub(sub), cl::cat(getTargetCategory())) {}

std::string StreamOption::getText() const {
  return spec.empty() ? "--stream" : "--stream=" + spec;
}

llvm::Expected<StreamOption::Spec> StreamOption::parse() const {
  Spec parsed;
  StringRef rest = spec;
  // The name of an input may hold a ':' itself.
  if (auto [name, options] = rest.rsplit(':'); name.size() != rest.size()) {
    parsed.input = name.str();
    rest = options;
  } else if (!rest.empty() && !rest.contains('=')) {
    parsed.input = rest.str();
    rest = "";
  }
  SmallVector<StringRef> parts;
  rest.split(parts, ',', -1, /*KeepEmpty=*/false);
  for (StringRef part : parts) {
    auto [key, value] = part.split('=');
    int64_t number;
    bool isAxis = key == "axis", isHop = key == "hop";
    if ((!isAxis && !isHop) || value.getAsInteger(10, number) ||
        number < (isHop ? 1 : 0))
      return llvm::createStringError(getText() +
                                     ": expected axis=N, from 0, or hop=N, "
                                     "from 1, not '" +
                                     part + "'");
    (isAxis ? parsed.axis : parsed.hop) = number;
  }
  return parsed;
}

int StreamOption::check(Target target) const {
  if (!isGiven())
    return kExitOk;
  if (target == Target::Host)
    return reportError("lacuna",
                       "--stream is for the targets 'neon' and 'npu', and "
                       "'reference' to run it",
                       kExitUnsupported);
  llvm::Expected<Spec> parsed = parse();
  if (parsed)
    return kExitOk;
  return reportError("lacuna", llvm::toString(parsed.takeError()), kExitUsage);
}

int StreamOption::apply(ModuleOp module, std::optional<int64_t> axis) const {
  if (tconv::getStream(module)) {
    module.emitError("it goes step by step already; leave out --stream");
    return kExitUsage;
  }
  Spec parsed = llvm::cantFail(parse());
  tconv::TConvStreamOptions options;
  options.input = parsed.input;
  options.axis = axis.value_or(parsed.axis);
  options.hop = parsed.hop;
  PassManager pm(module.getContext());
  // Lines hold bytes where layers take bytes.
  pm.addPass(qnn::createQNNFoldQuantization());
  pm.addPass(tconv::createTConvStream(options));
  return succeeded(pm.run(module)) ? kExitOk : kExitUnsupported;
}

StreamShape lacuna::getStreamShape(ModuleOp module) {
  tconv::StreamAttr stream = tconv::getStream(module);
  std::vector<Port> inputs = getInputs(module);
  int64_t stateBytes = 0;
  for (const Port &state : ArrayRef(inputs).take_back(stream.getStates()))
    stateBytes +=
        llvm::product_of(state.shape, int64_t(1)) * getByteSize(state.type);
  return {stream.getFrames(), stream.getClip(), stream.getAxis(), stateBytes,
          stream.getOutputAxes().vec()};
}

std::vector<Port> lacuna::getStepInputs(ModuleOp module) {
  std::vector<Port> ports = getInputs(module);
  ports.resize(1);
  ports.front().shape.erase(ports.front().shape.begin());
  return ports;
}

std::vector<Port> lacuna::getStepOutputs(ModuleOp module) {
  std::vector<Port> ports = getOutputs(module);
  ports.resize(ports.size() - tconv::getStream(module).getStates());
  return ports;
}

namespace {
/// The arguments before the states are the block of frames and the clock.
constexpr size_t kFirstState = 2;
/// More frames than any recording has.
constexpr int64_t kEndless = int64_t(1) << 60;

class StepsProgram : public Program {
public:
  StepsProgram(std::unique_ptr<Program> step, StreamShape shape,
               std::vector<HostTensor> initial);

  llvm::Expected<std::vector<Tensors>>
  runAll(ArrayRef<Tensors> frames) const override;

private:
  /// An error if outputs do not hold as many results as `ready` says.
  llvm::Error checkReady(const Tensors &results, int64_t ready) const;
  /// No flush takes more steps.
  int64_t getMostFlushSteps() const;

  std::unique_ptr<Program> step;
  StreamShape shape;
  /// The states before the first step.
  Tensors initial;
};

class RecordingProgram : public Program {
public:
  RecordingProgram(std::unique_ptr<Program> steps, const StreamShape &shape,
                   std::vector<Port> clipInputs, std::vector<Port> clipOutputs)
      : steps(std::move(steps)), shape(shape) {
    inputs = std::move(clipInputs);
    outputs = std::move(clipOutputs);
  }

  llvm::Expected<std::vector<Tensors>>
  runAll(ArrayRef<Tensors> recordings) const override;

private:
  llvm::Expected<Tensors> runOne(const HostTensor &recording) const;
  HostTensor combine(ArrayRef<Tensors> results, size_t output) const;

  std::unique_ptr<Program> steps;
  StreamShape shape;
};
} // namespace

/// Elements of a constant, each `size` bytes, as they lie in memory.
static void writeElements(ElementsAttr value, HostTensor &to) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    std::memcpy(to.data(), resource.getData().data(), to.getByteSize());
    return;
  }
  auto dense = cast<DenseElementsAttr>(value);
  size_t size = getByteSize(to.getType());
  char *at = to.data();
  auto write = [&](const APInt &element) {
    uint64_t bits = element.getZExtValue();
    std::memcpy(at, &bits, size);
    at += size;
  };
  if (isa<FloatType>(dense.getElementType()))
    for (const APFloat &element : dense.getValues<APFloat>())
      write(element.bitcastToAPInt());
  else
    for (const APInt &element : dense.getValues<APInt>())
      write(element);
}

std::vector<HostTensor> lacuna::getInitialStates(ModuleOp module) {
  std::vector<HostTensor> states;
  std::vector<Port> ports = getInputs(module);
  auto main = module.lookupSymbol<func::FuncOp>("main");
  for (size_t i = kFirstState; i < ports.size(); ++i)
    writeElements(main.getArgAttrOfType<ElementsAttr>(
                      i, tconv::TConvDialect::kInitialAttr),
                  states.emplace_back(ports[i].type, ports[i].shape));
  return states;
}

StepsProgram::StepsProgram(std::unique_ptr<Program> function,
                           StreamShape streamShape,
                           std::vector<HostTensor> states)
    : step(std::move(function)), shape(std::move(streamShape)),
      initial(std::move(states)) {
  inputs.push_back(step->getInputs().front());
  inputs.front().shape.erase(inputs.front().shape.begin());
  outputs = step->getOutputs().drop_back(initial.size()).vec();
}

std::unique_ptr<Program>
lacuna::makeStepsProgram(std::unique_ptr<Program> step,
                         const StreamShape &shape,
                         std::vector<HostTensor> initial) {
  return std::make_unique<StepsProgram>(std::move(step), shape,
                                        std::move(initial));
}

llvm::Error StepsProgram::checkReady(const Tensors &results,
                                     int64_t ready) const {
  int64_t most = 1;
  bool hasFrames = false;
  for (auto [result, axis] : llvm::zip(results, shape.outputAxes)) {
    if (axis < 0)
      continue;
    int64_t held = result.getShape()[axis];
    most = hasFrames ? std::min(most, held) : held;
    hasFrames = true;
  }
  if (ready >= -1 && ready <= most)
    return llvm::Error::success();
  return llvm::createStringError("a step says that " + Twine(ready) +
                                 " results are ready; it has room for " +
                                 Twine(most));
}

int64_t StepsProgram::getMostFlushSteps() const {
  // A frame that is still on its way takes a byte of state at least, and
  // stands for the frames of one step at most. A recording that is shorter
  // than a clip is filled up to one.
  return llvm::divideCeilSigned(shape.clip, shape.frames) + 16 +
         shape.stateBytes;
}

llvm::Expected<std::vector<Program::Tensors>>
StepsProgram::runAll(ArrayRef<Tensors> frames) const {
  std::vector<Tensors> results;
  const Port &port = step->getInputs().front();
  HostTensor block(port.type, port.shape), clock(DType::Int64, {2});
  size_t frameBytes = block.getByteSize() / shape.frames;
  Tensors arguments = {block, clock};
  llvm::append_range(arguments, initial);
  int64_t waiting = 0, ready = 0;
  clock.elements<int64_t>()[1] = kEndless;
  step->restart();
  auto advance = [&]() -> llvm::Error {
    llvm::Expected<Tensors> made = step->run(arguments);
    if (!made)
      return made.takeError();
    size_t states = initial.size(), kept = made->size() - states;
    std::copy(made->begin() + kept, made->end(),
              arguments.begin() + kFirstState);
    made->resize(kept);
    ready = made->back().elements<int64_t>()[0];
    if (llvm::Error error = checkReady(*made, ready))
      return error;
    ++clock.elements<int64_t>()[0];
    waiting = 0;
    if (ready > 0)
      results.push_back(std::move(*made));
    return llvm::Error::success();
  };
  for (const Tensors &frame : frames) {
    std::memcpy(block.data() + waiting * frameBytes, frame.front().data(),
                frameBytes);
    if (++waiting < shape.frames)
      continue;
    if (llvm::Error error = advance())
      return error;
  }
  clock.elements<int64_t>()[1] = frames.size();
  for (int64_t left = getMostFlushSteps(); ready >= 0; --left) {
    if (left == 0)
      return llvm::createStringError("the flush does not end after " +
                                     Twine(getMostFlushSteps()) + " steps");
    if (llvm::Error error = advance())
      return error;
  }
  return results;
}

/// How the elements of a tensor lie around one of its dimensions.
static std::pair<int64_t, int64_t> splitAround(ArrayRef<int64_t> shape,
                                               int64_t axis) {
  return {llvm::product_of(shape.take_front(axis), int64_t(1)),
          llvm::product_of(shape.drop_front(axis + 1), int64_t(1))};
}

HostTensor RecordingProgram::combine(ArrayRef<Tensors> results,
                                     size_t output) const {
  const Port &port = outputs[output];
  int64_t axis = shape.outputAxes[output];
  SmallVector<int64_t> whole(port.shape);
  if (axis < 0) {
    whole.insert(whole.begin(), results.size());
    HostTensor stacked(port.type, whole);
    char *at = stacked.data();
    for (const Tensors &result : results) {
      std::memcpy(at, result[output].data(), result[output].getByteSize());
      at += result[output].getByteSize();
    }
    return results.size() == 1 ? stacked.reshape(port.shape) : stacked;
  }
  whole[axis] = 0;
  for (const Tensors &result : results)
    whole[axis] += result.back().elements<int64_t>()[0];
  HostTensor joined(port.type, whole);
  auto [outer, inner] = splitAround(whole, axis);
  size_t bytes = inner * getByteSize(port.type);
  int64_t begin = 0;
  for (const Tensors &result : results) {
    int64_t count = result.back().elements<int64_t>()[0];
    int64_t held = result[output].getShape()[axis];
    for (int64_t row = 0; row < outer; ++row)
      std::memcpy(joined.data() + (row * whole[axis] + begin) * bytes,
                  result[output].data() + row * held * bytes, count * bytes);
    begin += count;
  }
  return joined;
}

llvm::Expected<Program::Tensors>
RecordingProgram::runOne(const HostTensor &recording) const {
  const Port &port = steps->getInputs().front();
  int64_t count = recording.getShape()[shape.axis];
  auto [outer, inner] = splitAround(recording.getShape(), shape.axis);
  size_t bytes = inner * getByteSize(port.type);
  std::vector<Tensors> frames;
  for (int64_t i = 0; i < count; ++i) {
    HostTensor frame(port.type, port.shape);
    for (int64_t row = 0; row < outer; ++row)
      std::memcpy(frame.data() + row * bytes,
                  recording.data() + (row * count + i) * bytes, bytes);
    frames.push_back({frame});
  }
  auto results = steps->runAll(frames);
  if (!results)
    return results.takeError();
  Tensors combined;
  for (size_t output = 0; output < outputs.size(); ++output)
    combined.push_back(combine(*results, output));
  return combined;
}

llvm::Expected<std::vector<Program::Tensors>>
RecordingProgram::runAll(ArrayRef<Tensors> recordings) const {
  std::vector<Tensors> results;
  for (const Tensors &recording : recordings) {
    llvm::Expected<Tensors> result = runOne(recording.front());
    if (!result)
      return result.takeError();
    results.push_back(std::move(*result));
  }
  return results;
}

std::unique_ptr<Program>
lacuna::makeRecordingProgram(std::unique_ptr<Program> steps,
                             const StreamShape &shape, std::vector<Port> inputs,
                             std::vector<Port> outputs) {
  return std::make_unique<RecordingProgram>(
      std::move(steps), shape, std::move(inputs), std::move(outputs));
}

void lacuna::fitRecording(ArrayRef<std::string> inputs, int64_t axis,
                          Port &port) {
  if (inputs.empty())
    return;
  llvm::Expected<HostTensor> read =
      readTensorFile(splitNamed(inputs.front()).second);
  // What is wrong with a file is told where it is read.
  if (!read)
    return llvm::consumeError(read.takeError());
  if (read->getShape().size() == port.shape.size())
    port.shape[axis] = read->getShape()[axis];
}

std::unique_ptr<Program> lacuna::compileStream(const RunTargetOptions &target,
                                               OwningOpRef<ModuleOp> module,
                                               std::vector<Port> inputs,
                                               std::vector<Port> outputs,
                                               int &exitCode) {
  StreamShape shape = getStreamShape(*module);
  std::vector<HostTensor> states;
  if (target.get() == Target::Reference)
    states = getInitialStates(*module);
  std::unique_ptr<Program> steps = target.compile(std::move(module), exitCode);
  if (!steps)
    return nullptr;
  if (!target.makesBundle())
    steps = makeStepsProgram(std::move(steps), shape, std::move(states));
  return makeRecordingProgram(std::move(steps), shape, std::move(inputs),
                              std::move(outputs));
}
