//===- BundleApi.cpp - What an app calls -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/neon/Bundle/BundleWriter.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace lacuna;
using namespace lacuna::neon;
using llvm::formatv;

/// `{1, 40, 98}`
static std::string makeList(ArrayRef<int64_t> values) {
  std::string text = "{";
  for (int64_t value : values)
    text += (text.size() > 1 ? ", " : "") + std::to_string(value);
  return text + "}";
}

/// Text as it stands between quotes in C.
static std::string escape(StringRef text) {
  std::string escaped;
  llvm::raw_string_ostream os(escaped);
  os.write_escaped(text, /*UseHexEscapes=*/false);
  return escaped;
}

void BundleWriter::writePorts(raw_ostream &os, StringRef kind,
                              ArrayRef<PortInfo> ports) const {
  os << formatv("\n#define {0}_{1}S {2}\n", upper, kind, ports.size());
  for (auto [i, port] : llvm::enumerate(ports)) {
    std::string stem = formatv("#define {0}_{1}_{2}", upper, kind, i);
    os << stem << "_NAME \"" << escape(port.name) << "\"\n";
    os << stem << "_TYPE \"" << port.type << "\"\n";
    os << stem << "_RANK " << port.shape.size() << "\n";
    // C has no empty initializer.
    os << stem << "_SHAPE "
       << makeList(port.shape.empty() ? ArrayRef<int64_t>(1) : port.shape)
       << "\n";
    os << stem << "_BYTES " << port.bytes << "\n";
    if (port.scale != 0) {
      os << stem << "_SCALE " << formatv("{0:e9}f", port.scale) << "\n";
      os << stem << "_ZERO_POINT " << port.zeroPoint << "\n";
    }
  }
}

std::string BundleWriter::makeHeader() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << formatv("/* The network '{0}', compiled by Lacuna. Generated: do not "
                "edit. */\n\n#ifndef {1}_H\n#define {1}_H\n\n#include "
                "<stddef.h>\n\n#define {1}_ARENA_BYTES {2}\n",
                name, upper, arenaBytes);
  if (profiledLayers)
    os << "#define " << upper << "_LAYERS " << *profiledLayers << "\n";
  // Of the arena, what goes from step to step; how many frames a step takes,
  // and of how many a clip is.
  if (steps)
    os << formatv("#define {0}_STATE_BYTES {1}\n#define {0}_FRAMES {2}\n"
                  "#define {0}_CLIP_FRAMES {3}\n",
                  upper, steps->getStateBytes(), steps->frames, steps->clip);
  writePorts(os, "INPUT", inputs);
  writePorts(os, "OUTPUT", outputs);
  os << formatv(R"(
#ifdef __cplusplus
extern "C" {{
#endif

/* One instance of the network; it lies in its arena. */
typedef struct {0}_state {0}_state;

/* How many bytes of memory an instance needs. */
size_t {0}_arena_bytes(void);

/* Makes an instance in arena, which is aligned to 64 bytes and belongs to the
   instance until it is used no more. NULL if that cannot be. */
{0}_state *{0}_init(void *arena);
)",
                name);
  if (steps)
    os << declareSteps(name, *steps);
  else
    os << formatv(R"(
/* Runs the network once: one buffer an input and output, in the order of the
   model, dense; no output overlaps another or an input. 0 on success. */
int {0}_run({0}_state *state, const void *const *inputs,
            void *const *outputs);
)",
                  name);
  if (hasSidecar())
    os << formatv(R"(
/* Gives all instances the contents of {0}.bin, which must be aligned to 64
   bytes and stay where it is. Before the first {1}_init. 0 on success. */
int {1}_load_weights(const void *blob, size_t bytes);
)",
                  weightsName, name);
  if (threads > 1)
    os << formatv(R"(
/* Lets {1} threads share large layers: run(pool, count, task, data) calls
   task(data, 0), ..., task(data, count - 1), once each, and returns when all
   have. The runtime's is lacuna_pool_run. NULL, as at first: one thread. The
   results are the same. */
void {0}_set_pool({0}_state *state,
                  void (*run)(void *pool, int count,
                              void (*task)(void *data, int index),
                              void *data),
                  void *pool);
)",
                  name, threads);
  if (profiledLayers)
    os << formatv(R"(
/* Calls hook with each of the {1}_LAYERS layers' index and name, before it
   (ends is 0) and after it (1). The runtime's is lacuna_profile_hook. NULL, as
   at first: no calls. */
void {0}_set_profile({0}_state *state,
                     void (*hook)(void *profile, int layer,
                                  const char *name, int ends),
                     void *profile);
)",
                  name, upper);
  os << "\n#ifdef __cplusplus\n}\n#endif\n\n#endif /* " << upper << "_H */\n";
  return text;
}

/// The type of an element in C++, outside of the bundle's namespace.
static std::string getCppType(StringRef type, StringRef bundle) {
  if (type == "float16")
    return ("lacuna_" + bundle + "::half").str();
  if (type == "bfloat16")
    return ("lacuna_" + bundle + "::bfloat16").str();
  return llvm::StringSwitch<std::string>(type)
      .Case("float32", "float")
      .Case("float64", "double")
      .Cases({"int8", "uint8"}, "std::int8_t")
      .Cases({"int16", "uint16"}, "std::int16_t")
      .Cases({"int32", "uint32"}, "std::int32_t")
      .Cases({"int64", "uint64"}, "std::int64_t")
      .Default("bool");
}

/// The arguments of the network: inputs, outputs, weights, arena, and what the
/// app has given besides.
std::string BundleWriter::makeArguments() const {
  SmallVector<std::string> arguments;
  auto addKept = [&](StringRef type, int64_t offset) {
    arguments.push_back(
        formatv("at<{0}>(state, {1})", getCppType(type, name), offset));
  };
  if (steps) {
    addKept(inputs.front().type, steps->block);
    arguments.push_back("&clock->steps");
    for (const StepLayout::State &state : steps->states)
      addKept(state.type, state.offset);
  } else {
    for (auto [i, port] : llvm::enumerate(inputs))
      arguments.push_back(
          formatv("static_cast<{0} *>(const_cast<void *>(inputs[{1}]))",
                  getCppType(port.type, name), i));
  }
  for (auto [i, port] : llvm::enumerate(outputs))
    arguments.push_back(formatv("static_cast<{0} *>(outputs[{1}])",
                                getCppType(port.type, name), i));
  if (steps)
    arguments.push_back("&clock->ready");
  if (hasSidecar())
    arguments.push_back("const_cast<std::int8_t *>(" + weightsName + ")");
  else if (!weights.empty())
    arguments.push_back("reinterpret_cast<std::int8_t *>(const_cast<"
                        "std::uint32_t *>(" +
                        weightsName + "))");
  else
    arguments.push_back("nullptr");
  arguments.push_back("state->buffers");
  if (main->hasAttr(kTakesPoolAttr))
    arguments.push_back("&state->pool");
  if (profiledLayers.value_or(0))
    arguments.push_back("&state->profile");
  return llvm::join(arguments, ",\n      ");
}

void BundleWriter::writeApi(raw_ostream &os) const {
  if (hasSidecar())
    os << "\n// Set once, before the first instance is made.\nstatic const "
          "std::int8_t *"
       << weightsName << " = nullptr;\n";
  else if (!weights.empty())
    os << "\nextern \"C\" const std::uint32_t " << weightsName << "[];\n";

  std::string fields, start;
  if (steps)
    start += "  " + name + "_reset(state);\n";
  if (threads > 1) {
    fields += "  lacuna_" + name + "::Pool pool;\n";
    start += "  state->pool = {nullptr, nullptr};\n";
  }
  if (profiledLayers) {
    fields += "  lacuna_" + name + "::Profile profile;\n";
    start += "  state->profile = {nullptr, nullptr};\n";
  }
  os << formatv(R"(
struct {0}_state {{
  std::int8_t *buffers;
{4}};

extern "C" size_t {0}_arena_bytes(void) {{ return {1}_ARENA_BYTES; }

extern "C" {0}_state *{0}_init(void *arena) {{
  if (!arena || reinterpret_cast<std::uintptr_t>(arena) % 64 != 0{2})
    return nullptr;
  {0}_state *state = static_cast<{0}_state *>(arena);
  state->buffers = static_cast<std::int8_t *>(arena) + {3};
{5}  return state;
}
)",
                name, upper, hasSidecar() ? " || !" + weightsName : "",
                getBuffersOffset(), fields, start);
  if (hasSidecar())
    os << formatv(R"(
extern "C" int {0}_load_weights(const void *blob, size_t bytes) {{
  if (!blob || reinterpret_cast<std::uintptr_t>(blob) % 64 != 0 ||
      bytes != {1})
    return 1;
  {2} = static_cast<const std::int8_t *>(blob);
  return 0;
}
)",
                  name, weights.size(), weightsName);
  if (threads > 1)
    os << formatv(R"(
extern "C" void {0}_set_pool({0}_state *state,
                             void (*run)(void *, int, void (*)(void *, int),
                                         void *),
                             void *pool) {{
  if (state)
    state->pool = {{run, pool};
}
)",
                  name);
  if (profiledLayers)
    os << formatv(R"(
extern "C" void {0}_set_profile({0}_state *state,
                                void (*hook)(void *, int, const char *, int),
                                void *profile) {{
  if (state)
    state->profile = {{hook, profile};
}
)",
                  name);
  if (steps) {
    os << defineSteps(name, *steps, makeArguments());
    return;
  }
  os << formatv(R"(
extern "C" int {0}_run({0}_state *state, const void *const *inputs,
                       void *const *outputs) {{
  if (!state || !inputs || !outputs)
    return 1;
  lacuna_{0}::network(
      {1});
  return 0;
}
)",
                name, makeArguments());
}
