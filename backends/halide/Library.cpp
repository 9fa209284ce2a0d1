//===- Library.cpp - The files that a program links -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Library.h"

#include "backends/halide/Autotune.h"
#include "backends/halide/Object.h"

#include <Halide.h>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

using namespace lacuna::halide;
namespace fs = std::filesystem;

/// What changes when kernels of the same request change.
static constexpr char kVersion[] = "1";

/// FNV-1a of 64 bits.
static std::string hash(const std::string &text) {
  uint64_t value = 0xcbf29ce484222325;
  for (unsigned char c : text)
    value = (value ^ c) * 0x100000001b3;
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx",
                static_cast<unsigned long long>(value));
  return digits;
}

static bool readFile(const fs::path &path, std::string &text) {
  std::ifstream is(path, std::ios::binary);
  std::ostringstream os;
  os << is.rdbuf();
  text = os.str();
  return bool(is);
}

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
        error(error) {}

  bool write();

private:
  bool findObjects();
  bool chooseTile(Object &object, const std::string &text);
  bool makeObject(const Object &object, const fs::path &path);
  void keep(const fs::path &name, const std::string &contents);
  std::string makeHeader() const;
  std::string makeTrace() const;
  void writeFunction(std::ostream &os, const Request &request,
                     const Object &object) const;

  const RequestFile &file;
  const Machine &machine;
  const LibraryOptions &options;
  LibraryCounts &counts;
  std::string &error;
  /// By their text, in the order of the requests.
  std::vector<Object> objects;
  std::map<std::string, size_t> byText;
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

/// Puts a whole file into the cache: others may write the same. One that cannot
/// be written costs time and nothing else.
void LibraryWriter::keep(const fs::path &name, const std::string &contents) {
  if (options.cacheFolder.empty())
    return;
  fs::path path = fs::path(options.cacheFolder) / name, fresh = path;
  fresh += "." + hash(options.folder) + ".new";
  std::string ignored;
  std::error_code failure;
  if (writeFile(fresh, contents, ignored))
    fs::rename(fresh, path, failure);
}

/// Chooses the tile of a kernel: measured before, measured now, or expected.
bool LibraryWriter::chooseTile(Object &object, const std::string &text) {
  object.choices = rankTiles(*object.request, machine);
  object.isMeasured = false;
  if (object.choices.empty()) {
    error = "no tile fits";
    return false;
  }
  std::string name = hash(text) + ".tiles", kept;
  if (!options.cacheFolder.empty() &&
      readFile(fs::path(options.cacheFolder) / name, kept) &&
      kept.compare(0, text.size(), text) == 0) {
    std::istringstream is(kept.substr(text.size()));
    std::vector<Choice> choices;
    for (Choice choice;
         is >> choice.tile.pixels >> choice.tile.vectors >> choice.cost;)
      choices.push_back(choice);
    if (!choices.empty()) {
      object.choices = choices;
      object.isMeasured = true;
      return true;
    }
  }
  if (options.tuneSeconds <= 0 || object.choices.size() < 2)
    return true;
  object.choices = measureTiles(*object.request, object.choices, machine,
                                options.tuneSeconds / double(objects.size()),
                                options.folder, error);
  if (object.choices.empty())
    return false;
  object.isMeasured = true;
  ++counts.tuned;
  std::ostringstream os;
  os << text;
  for (const Choice &choice : object.choices)
    os << choice.tile.pixels << " " << choice.tile.vectors << " " << choice.cost
       << "\n";
  keep(name, os.str());
  return true;
}

bool LibraryWriter::findObjects() {
  for (const Request &request : file.kernels) {
    std::string text = "lacuna-halide " + std::string(kVersion) + "\ntarget " +
                       machine.name + "\nkernel " + request.getText();
    auto [it, isNew] = byText.try_emplace(text, objects.size());
    if (isNew)
      objects.push_back({&request, {}, false, text, ""});
    ofKernel.push_back(it->second);
  }
  for (size_t i = 0; i < objects.size(); ++i) {
    Object &object = objects[i];
    if (options.tuneSeconds > 0)
      std::cerr << "\rtiles: kernel " << i + 1 << " of " << objects.size()
                << std::flush;
    if (!chooseTile(object, object.text))
      return false;
    if (!object.request->tile.pixels)
      object.text += "  tile " + std::to_string(object.getTile().pixels) + " " +
                     std::to_string(object.getTile().vectors) + "\n";
    object.symbol = "lacuna_halide_" + hash(object.text);
  }
  if (options.tuneSeconds > 0)
    std::cerr << "\n";
  return true;
}

bool LibraryWriter::makeObject(const Object &object, const fs::path &path) {
  std::string text;
  std::error_code failure;
  fs::path kept = fs::path(options.cacheFolder) / (object.symbol + ".o");
  fs::path why = fs::path(options.cacheFolder) / (object.symbol + ".txt");
  if (!options.cacheFolder.empty() && fs::exists(kept, failure) &&
      readFile(why, text) && text == object.text) {
    fs::copy_file(kept, path, fs::copy_options::overwrite_existing, failure);
    if (!failure)
      return true;
  }
  ++counts.made;
  if (!writeObject(*object.request, object.getTile(), machine, object.symbol,
                   path.string(), error))
    return false;
  // The text last: where it is, the object is whole.
  if (readFile(path, text))
    keep(kept.filename(), text);
  keep(why.filename(), object.text);
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
  for (const std::string &folder : {options.folder, options.cacheFolder})
    if (!folder.empty())
      fs::create_directories(folder, failure);
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
  Halide::create_static_library(files, Halide::Target(machine.halide),
                                library.string());
  for (const std::string &object : files)
    fs::remove(object, failure);
  fs::path stem = fs::path(options.folder) / options.name;
  return writeFile(stem.string() + ".h", makeHeader(), error) &&
         writeFile(stem.string() + ".json", makeTrace(), error);
}

bool lacuna::halide::writeLibrary(const RequestFile &file,
                                  const Machine &machine,
                                  const LibraryOptions &options,
                                  LibraryCounts &counts, std::string &error) {
  return LibraryWriter(file, machine, options, counts, error).write();
}
