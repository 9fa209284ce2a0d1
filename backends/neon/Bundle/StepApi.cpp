//===- StepApi.cpp - What an app calls for each frame -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Bundle/StepApi.h"

#include "backends/neon/Bundle/Interface.h"

#include "dialects/tconv/IR/TConvDialect.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::neon;
using llvm::formatv;

/// The bytes of `value`, or of one element if all are the same.
static std::string getBytes(DenseElementsAttr value) {
  std::string bytes;
  auto add = [&](const APInt &element) {
    uint64_t bits = element.getZExtValue();
    for (unsigned i = 0; i < llvm::divideCeil(element.getBitWidth(), 8); ++i)
      bytes += static_cast<char>(bits >> (8 * i));
  };
  int64_t left = value.isSplat() ? 1 : value.getNumElements();
  if (isa<FloatType>(value.getElementType()))
    for (const APFloat &element : value.getValues<APFloat>()) {
      if (left-- == 0)
        break;
      add(element.bitcastToAPInt());
    }
  else
    for (const APInt &element : value.getValues<APInt>()) {
      if (left-- == 0)
        break;
      add(element);
    }
  return bytes;
}

/// The same of any constant.
static std::string getInitialBytes(Attribute value) {
  if (auto dense = dyn_cast<DenseElementsAttr>(value))
    return getBytes(dense);
  ArrayRef<char> data = cast<DenseResourceElementsAttr>(value).getData();
  return std::string(data.begin(), data.end());
}

std::optional<StepLayout> neon::getStepLayout(ModuleOp module, int64_t start) {
  tconv::StreamAttr stream = tconv::getStream(module);
  if (!stream)
    return std::nullopt;
  // Vectors of the kernels do not straddle lines of the cache.
  constexpr int64_t kAlignment = 16;
  constexpr int64_t kClockBytes = 32;
  StepLayout layout;
  layout.frames = stream.getFrames();
  layout.clip = stream.getClip();
  layout.axis = stream.getAxis();
  layout.outputAxes = stream.getOutputAxes().vec();
  int64_t blockBytes = getInputs(module).front().bytes;
  layout.frameBytes = blockBytes / layout.frames;
  layout.clock = start;
  layout.block = start + kClockBytes;
  int64_t at = layout.block + blockBytes;
  for (auto entry : module->getAttrOfType<ArrayAttr>(kStatesAttr)
                        .getAsRange<DictionaryAttr>()) {
    at = llvm::alignTo(at, kAlignment);
    int64_t bytes = entry.getAs<IntegerAttr>("bytes").getInt();
    layout.states.push_back({at, bytes,
                             entry.getAs<StringAttr>("type").getValue(),
                             getInitialBytes(entry.get("initial"))});
    at += bytes;
  }
  layout.end = llvm::alignTo(at, 64);
  return layout;
}

int64_t StepLayout::getStateBytes() const { return end - clock; }

std::string neon::declareSteps(StringRef name, const StepLayout &layout) {
  std::string upper = name.upper();
  std::string text;
  llvm::raw_string_ostream os(text);
  os << formatv(R"(
/* {1}_step takes the next frame of a recording (input 0 with one frame) and
   gives the outputs after each {2} frames, as soon as there are any: {3}.
   It returns 1 if outputs were written (if they have several frames, how many
   of them count), 0 if there are none yet, and -1 if it was misused.

   {1}_flush says that the recording has ended and gives an output that was
   still on its way, with the same results; call it until it returns 0. After it,
   and before another recording, {1}_reset: as {1}_init does. */
int {1}_step({1}_state *state, const void *const *frame,
             void *const *outputs);
int {1}_flush({1}_state *state, void *const *outputs);
void {1}_reset({1}_state *state);
)",
                upper, name, layout.frames,
                layout.outputAxes.front() < 0
                    ? "the result for the last " + std::to_string(layout.clip) +
                          " frames"
                    : std::string("what is new of each"));
  return text;
}

/// The states that do not begin with zeros.
static void writeInitialStates(llvm::raw_ostream &os,
                               const StepLayout &layout) {
  for (const StepLayout::State &state : layout.states) {
    if (llvm::all_of(state.initial, [](char c) { return c == 0; }))
      continue;
    os << "  {\n    static const unsigned char kInitial[] = {";
    for (auto [i, byte] : llvm::enumerate(state.initial))
      os << (i ? ", " : "") << unsigned(static_cast<unsigned char>(byte));
    os << formatv(R"(};
    for (std::int64_t i = 0; i < {1}; i += {2})
      std::memcpy(at<char>(state, {0}) + i, kInitial, {2});
  }
)",
                  state.offset, state.bytes, state.initial.size());
  }
}

std::string neon::defineSteps(StringRef name, const StepLayout &layout,
                              StringRef arguments) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << formatv(R"(
namespace {{
/// How far a recording has gone.
struct Clock {{
  /// How many steps were made, and how many frames the recording has; the last
  /// is not known before its end.
  std::int64_t steps, length;
  /// What the last step made of the outputs, and how many frames wait.
  std::int64_t ready, waiting;
};
constexpr std::int64_t kEndless = std::int64_t(1) << 60;

template <class T>
T *at({0}_state *state, std::int64_t offset) {{
  return reinterpret_cast<T *>(reinterpret_cast<std::int8_t *>(state) + offset);
}

Clock *getClock({0}_state *state) {{ return at<Clock>(state, {1}); }

int advance({0}_state *state, void *const *outputs) {{
  Clock *clock = getClock(state);
  lacuna_{0}::network(
      {2});
  ++clock->steps;
  clock->waiting = 0;
  return int(clock->ready);
}
} // namespace

extern "C" void {0}_reset({0}_state *state) {{
  if (!state)
    return;
  *getClock(state) = {{0, kEndless, 0, 0};
  std::memset(at<char>(state, {3}), 0, {4});
)",
                name, layout.clock, arguments, layout.block,
                layout.end - layout.block);
  writeInitialStates(os, layout);
  os << formatv(R"(}

extern "C" int {0}_step({0}_state *state, const void *const *frame,
                        void *const *outputs) {{
  if (!state || !frame || !frame[0] || !outputs)
    return -1;
  Clock *clock = getClock(state);
  if (clock->length != kEndless)
    return -1;
  std::memcpy(at<char>(state, {1}) + clock->waiting * {2}, frame[0], {2});
  return ++clock->waiting < {3} ? 0 : advance(state, outputs);
}

extern "C" int {0}_flush({0}_state *state, void *const *outputs) {{
  if (!state || !outputs)
    return -1;
  Clock *clock = getClock(state);
  if (clock->length == kEndless)
    clock->length = clock->steps * {3} + clock->waiting;
  int ready = 0;
  while (ready == 0)
    ready = advance(state, outputs);
  return ready > 0 ? ready : 0;
}
)",
                name, layout.block, layout.frameBytes, layout.frames);
  return text;
}
