//===- Library.cpp - The files that a program links -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Library.h"

#include "backends/halide/Autotune.h"
#include "backends/halide/Cache.h"
#include "backends/halide/Object.h"

#include <Halide.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

using namespace lacuna::halide;
namespace fs = std::filesystem;

static bool writeFile(const fs::path &path, const std::string &text,
                      std::string &error) {
  std::ofstream os(path, std::ios::binary);
  os << text;
  os.close();
  if (os)
    return true;
  error = path.string() + ": cannot be written";
  return false;
}

namespace {
/// One object, which all equal requests share.
struct Object {
  const Request *request;
  /// That of the tile is the first; the others were not as good.
  std::vector<Choice> choices;
  bool isMeasured;
  /// What it is made from.
  std::string text, symbol;

  const Tile &getTile() const { return choices.front().tile; }
};

class LibraryWriter {
public:
  LibraryWriter(const RequestFile &file, const Machine &machine,
                const LibraryOptions &options, LibraryCounts &counts,
                std::string &error)
      : file(file), machine(machine), options(options), counts(counts),
        error(error), cache(options.cacheFolder) {}

  bool write();

private:
  bool findObjects();
  bool chooseTile(Object &object, double seconds);
  bool makeObject(const Object &object, const fs::path &path);
  std::string makeHeader() const;
  std::string makeTrace() const;
  void writeFunction(std::ostream &os, const Request &request,
                     const Object &object) const;

  const RequestFile &file;
  const Machine &machine;
  const LibraryOptions &options;
  LibraryCounts &counts;
  std::string &error;
  Cache cache;
  /// In the order of the requests.
  std::vector<Object> objects;
  std::vector<size_t> ofKernel;
};
} // namespace

/// `14x2 3.1e+04`: pixels, registers of channels, cost.
static std::string describe(const Choice &choice) {
  std::ostringstream os;
  os.precision(3);
  os << choice.tile.pixels << "x" << choice.tile.vectors << " " << choice.cost;
  return os.str();
}

/// What was measured of `tiles`: lines of pixels, registers and time; empty if
/// they are not those of today.
static std::vector<Choice> readMeasured(const std::string &kept,
                                        const std::vector<Choice> &tiles) {
  std::istringstream is(kept);
  std::vector<Choice> choices;
  for (Choice choice;
       is >> choice.tile.pixels >> choice.tile.vectors >> choice.cost;) {
    if (std::none_of(tiles.begin(), tiles.end(), [&](const Choice &offered) {
          return offered.tile == choice.tile;
        }))
      return {};
    choices.push_back(choice);
  }
  return choices;
}

/// What this processor is called, as its times are not those of others.
static std::string getProcessorName() {
  std::istringstream is(readFile("/proc/cpuinfo").value_or(""));
  for (std::string line; std::getline(is, line);)
    if (line.rfind("model name", 0) == 0 || line.rfind("CPU part", 0) == 0)
      return line;
  return "";
}

/// Chooses the tile of a kernel: measured before, measured now, or expected.
bool LibraryWriter::chooseTile(Object &object, double seconds) {
  object.choices = rankTiles(*object.request, machine);
  if (object.choices.empty()) {
    error = "no tile fits";
    return false;
  }
  if (seconds <= 0 || object.choices.size() < 2)
    return true;
  std::string text =
      "tiles, measured on " + getProcessorName() + "\n" + object.text;
  std::vector<Choice> measured =
      readMeasured(cache.find(text).value_or(""), object.choices);
  if (measured.empty()) {
    measured = measureTiles(*object.request, object.choices, machine, seconds,
                            options.folder, error);
    if (measured.empty())
      return false;
    ++counts.tuned;
    std::ostringstream os;
    for (const Choice &choice : measured)
      os << choice.tile.pixels << " " << choice.tile.vectors << " "
         << choice.cost << "\n";
    cache.keep(text, os.str());
  }
  object.choices = measured;
  object.isMeasured = true;
  return true;
}

bool LibraryWriter::findObjects() {
  std::vector<Object> asked;
  std::map<std::string, size_t> byText, bySymbol;
  std::vector<size_t> ofRequest;
  for (const Request &request : file.kernels) {
    std::string text =
        "target " + machine.name + "\nkernel " + request.getText();
    auto [it, isNew] = byText.try_emplace(text, asked.size());
    if (isNew)
      asked.push_back({&request, {}, false, text, ""});
    ofRequest.push_back(it->second);
  }
  for (size_t i = 0; i < asked.size(); ++i) {
    Object &object = asked[i];
    if (options.tuneSeconds > 0)
      std::cerr << "\rtiles: kernel " << i + 1 << " of " << asked.size()
                << std::flush;
    if (!chooseTile(object, options.tuneSeconds / double(asked.size())))
      return false;
    if (!object.request->tile.pixels)
      object.text += "  tile " + std::to_string(object.getTile().pixels) + " " +
                     std::to_string(object.getTile().vectors) + "\n";
    object.symbol = "lacuna_halide_" + hash(object.text);
  }
  if (options.tuneSeconds > 0)
    std::cerr << "\n";
  // A tile that one asks for may be the one chosen for another.
  for (size_t index : ofRequest) {
    auto [it, isNew] =
        bySymbol.try_emplace(asked[index].symbol, objects.size());
    if (isNew)
      objects.push_back(asked[index]);
    ofKernel.push_back(it->second);
  }
  return true;
}

bool LibraryWriter::makeObject(const Object &object, const fs::path &path) {
  if (std::optional<std::string> kept = cache.find(object.text)) {
    counts.lacksFile = !writeFile(path, *kept, error);
    return !counts.lacksFile;
  }
  ++counts.made;
  if (!writeObject(*object.request, object.getTile(), machine, object.symbol,
                   path.string(), error))
    return false;
  if (std::optional<std::string> made = readFile(path.string()))
    cache.keep(object.text, *made);
  return true;
}

/// What a compiler of C must know of Halide's calls.
static constexpr char kPrologue[] = R"(
#include <stdint.h>

#ifndef LACUNA_HALIDE_BUFFER
#define LACUNA_HALIDE_BUFFER
/* As the functions take memory: only `data` is read. */
struct lacuna_halide_buffer {
  uint64_t device;
  const void *interface;
  void *data;
  uint64_t flags;
  uint32_t type;
  int32_t rank;
  const void *shape;
  void *padding;
};
static inline struct lacuna_halide_buffer lacuna_halide_wrap(const void *data) {
  struct lacuna_halide_buffer buffer = {0, 0, (void *)data, 0, 0, 0, 0, 0};
  return buffer;
}
#endif

#ifdef __cplusplus
extern "C" {
#endif
)";

void LibraryWriter::writeFunction(std::ostream &os, const Request &request,
                                  const Object &object) const {
  std::vector<Request::Argument> arguments = request.getArguments();
  os << "\n/* Tile " << describe(object.choices.front())
     << (object.isMeasured ? " ns" : " cycles expected");
  for (size_t i = 1; i < std::min<size_t>(4, object.choices.size()); ++i)
    os << (i == 1 ? "; not " : ", ") << describe(object.choices[i]);
  os << ". */\nstatic inline void " << request.name << "(";
  const char *comma = "";
  for (const Request::Argument &argument : arguments) {
    bool isOutput = &argument == &arguments.back();
    os << comma << (isOutput ? "" : "const ") << argument.type << " *"
       << argument.name;
    comma = ", ";
  }
  os << ") {\n";
  for (const Request::Argument &argument : arguments)
    os << "  struct lacuna_halide_buffer " << argument.name
       << "_buffer = lacuna_halide_wrap(" << argument.name << ");\n";
  os << "  (void)" << object.symbol << "(";
  comma = "&";
  for (const Request::Argument &argument : arguments) {
    os << comma << argument.name << "_buffer";
    comma = ", &";
  }
  os << ");\n}\n";
}

std::string LibraryWriter::makeHeader() const {
  std::ostringstream os;
  std::string guard = options.name + "_H";
  for (char &c : guard)
    c = char(std::toupper(static_cast<unsigned char>(c)));
  os << "/* Kernels for " << machine.name
     << ", made by lacuna-halide. Generated: do not edit. */\n#ifndef " << guard
     << "\n#define " << guard << "\n"
     << kPrologue;
  for (const Object &object : objects) {
    os << "\nint " << object.symbol << "(";
    size_t count = object.request->getArguments().size();
    for (size_t i = 0; i < count; ++i)
      os << (i ? ", " : "") << "struct lacuna_halide_buffer *";
    os << ");\n";
  }
  for (size_t i = 0; i < file.kernels.size(); ++i)
    writeFunction(os, file.kernels[i], objects[ofKernel[i]]);
  os << "\n#ifdef __cplusplus\n}\n#endif\n\n#endif /* " << guard << " */\n";
  return os.str();
}

/// What was chosen for each kernel and what was not, best first, in the form of
/// the NPU's decisions.
std::string LibraryWriter::makeTrace() const {
  constexpr size_t kMost = 6;
  std::ostringstream os;
  os.precision(4);
  os << "{\n  \"target\": \"" << machine.name << "\",\n  \"layers\": [";
  for (size_t i = 0; i < file.kernels.size(); ++i) {
    const Object &object = objects[ofKernel[i]];
    const std::vector<Choice> &choices = object.choices;
    auto write = [&](const Choice &choice) {
      os << "{\"pixels\": " << choice.tile.pixels
         << ", \"vectors\": " << choice.tile.vectors
         << ", \"cost\": " << choice.cost;
      if (&choice != &choices.front())
        os << ", \"lost\": \"" << choice.cost / choices.front().cost
           << " times as long\"";
      os << "}";
    };
    os << (i ? "," : "") << "\n    {\"name\": \"" << file.kernels[i].name
       << "\", \"unit\": \""
       << (object.isMeasured ? "nanoseconds" : "expected cycles")
       << "\",\n     \"tiling\": ";
    write(choices.front());
    os << ",\n     \"tried\": [";
    for (size_t at = 1; at < std::min(kMost, choices.size()); ++at) {
      os << (at > 1 ? ", " : "");
      write(choices[at]);
    }
    os << "]}";
  }
  os << "\n  ]\n}\n";
  return os.str();
}

bool LibraryWriter::write() {
  std::error_code failure;
  fs::create_directories(options.folder, failure);
  if (!fs::is_directory(options.folder, failure)) {
    error = options.folder + ": is no folder and cannot be made";
    counts.lacksFile = true;
    return false;
  }
  if (!findObjects())
    return false;
  std::vector<std::string> files;
  for (const Object &object : objects) {
    fs::path path = fs::path(options.folder) / (object.symbol + ".o");
    if (!makeObject(object, path))
      return false;
    files.push_back(path.string());
  }
  fs::path library = fs::path(options.folder) / ("lib" + options.name + ".a");
  // Halide reports by throwing.
  try {
    Halide::create_static_library(files, Halide::Target(machine.halide),
                                  library.string());
  } catch (const Halide::Error &) {
    error = library.string() + ": cannot be written";
    counts.lacksFile = true;
    return false;
  }
  for (const std::string &object : files)
    fs::remove(object, failure);
  fs::path stem = fs::path(options.folder) / options.name;
  bool isWritten = writeFile(stem.string() + ".h", makeHeader(), error) &&
                   writeFile(stem.string() + ".json", makeTrace(), error);
  counts.lacksFile = !isWritten;
  return isWritten;
}

bool lacuna::halide::writeLibrary(const RequestFile &file,
                                  const Machine &machine,
                                  const LibraryOptions &options,
                                  LibraryCounts &counts, std::string &error) {
  return LibraryWriter(file, machine, options, counts, error).write();
}
