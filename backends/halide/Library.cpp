//===- Library.cpp - The files that a program links -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Library.h"

#include "backends/halide/Object.h"
#include "backends/halide/Schedule.h"

#include <Halide.h>
#include <cstdio>
#include <filesystem>
#include <fstream>
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
  Tile tile;
  /// What it was made from.
  std::string text, symbol;
};

class LibraryWriter {
public:
  LibraryWriter(const RequestFile &file, const Machine &machine,
                const LibraryOptions &options, std::string &error)
      : file(file), machine(machine), options(options), error(error) {}

  bool write(int &made);

private:
  void findObjects();
  bool makeObject(const Object &object, const fs::path &path, int &made);
  std::string makeHeader() const;

  const RequestFile &file;
  const Machine &machine;
  const LibraryOptions &options;
  std::string &error;
  /// By their text, in the order of the requests.
  std::vector<Object> objects;
  std::map<std::string, size_t> byText;
  std::vector<size_t> ofKernel;
};
} // namespace

void LibraryWriter::findObjects() {
  for (const Request &request : file.kernels) {
    Tile tile = chooseTile(request, machine);
    std::string text = "lacuna-halide " + std::string(kVersion) + "\ntarget " +
                       machine.name + "\nkernel " + request.getText();
    if (!request.tile.pixels)
      text += "  tile " + std::to_string(tile.pixels) + " " +
              std::to_string(tile.vectors) + "\n";
    auto [it, isNew] = byText.try_emplace(text, objects.size());
    if (isNew)
      objects.push_back({&request, tile, text, "lacuna_halide_" + hash(text)});
    ofKernel.push_back(it->second);
  }
}

bool LibraryWriter::makeObject(const Object &object, const fs::path &path,
                               int &made) {
  if (options.cacheFolder.empty()) {
    ++made;
    return writeObject(*object.request, object.tile, machine, object.symbol,
                       path.string(), error);
  }
  fs::path kept = fs::path(options.cacheFolder) / (object.symbol + ".o");
  fs::path why = fs::path(options.cacheFolder) / (object.symbol + ".txt");
  std::string text;
  std::error_code failure;
  if (!fs::exists(kept) || !readFile(why, text) || text != object.text) {
    ++made;
    // Others may write the same: each moves a whole file into place.
    fs::path fresh = path;
    fresh += ".new";
    if (!writeObject(*object.request, object.tile, machine, object.symbol,
                     path.string(), error) ||
        !writeFile(fresh, object.text, error))
      return false;
    for (const auto &[from, to] :
         {std::pair(fresh, why), std::pair(path, kept)}) {
      fs::path beside = to;
      beside += "." + hash(options.folder) + ".new";
      fs::copy_file(from, beside, fs::copy_options::overwrite_existing,
                    failure);
      if (!failure)
        fs::rename(beside, to, failure);
    }
    fs::remove(fresh);
    // A cache that cannot be written costs time and nothing else.
    return true;
  }
  fs::copy_file(kept, path, fs::copy_options::overwrite_existing, failure);
  if (failure)
    error = kept.string() + ": " + failure.message();
  return !failure;
}

/// `#define`s aside, what a compiler of C must know of Halide's calls.
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
    int count = 3 + object.request->hasBias + object.request->isBytes() +
                object.request->hasResidual;
    for (int i = 0; i < count; ++i)
      os << (i ? ", " : "") << "struct lacuna_halide_buffer *";
    os << ");\n";
  }
  for (size_t i = 0; i < file.kernels.size(); ++i) {
    const Request &request = file.kernels[i];
    const Object &object = objects[ofKernel[i]];
    const char *element = request.isBytes() ? "int8_t" : "float";
    std::vector<std::pair<std::string, const char *>> arguments = {
        {std::string("const ") + element, "in"},
        {std::string("const ") + element, "weights"}};
    if (request.hasBias)
      arguments.push_back(
          {request.isBytes() ? "const int32_t" : "const float", "bias"});
    if (request.isBytes())
      arguments.push_back({"const float", "scale"});
    if (request.hasResidual)
      arguments.push_back({"const float", "residual"});
    arguments.push_back({element, "out"});
    os << "\n/* Sums of " << object.tile.pixels << " pixels and "
       << object.tile.vectors << " registers of channels at once. */\n"
       << "static inline void " << request.name << "(";
    for (const auto &[type, name] : arguments)
      os << (name == arguments.front().second ? "" : ", ") << type << " *"
         << name;
    os << ") {\n";
    for (const auto &[type, name] : arguments)
      os << "  struct lacuna_halide_buffer " << name
         << "_buffer = lacuna_halide_wrap(" << name << ");\n";
    os << "  (void)" << object.symbol << "(";
    for (const auto &[type, name] : arguments)
      os << (name == arguments.front().second ? "&" : ", &") << name
         << "_buffer";
    os << ");\n}\n";
  }
  os << "\n#ifdef __cplusplus\n}\n#endif\n\n#endif /* " << guard << " */\n";
  return os.str();
}

bool LibraryWriter::write(int &made) {
  findObjects();
  std::error_code failure;
  for (const std::string &folder : {options.folder, options.cacheFolder})
    if (!folder.empty())
      fs::create_directories(folder, failure);
  std::vector<std::string> files;
  for (const Object &object : objects) {
    fs::path path = fs::path(options.folder) / (object.symbol + ".o");
    if (!makeObject(object, path, made))
      return false;
    files.push_back(path.string());
  }
  fs::path library = fs::path(options.folder) / ("lib" + options.name + ".a");
  Halide::create_static_library(files, Halide::Target(machine.halide),
                                library.string());
  for (const std::string &object : files)
    fs::remove(object);
  return writeFile(fs::path(options.folder) / (options.name + ".h"),
                   makeHeader(), error);
}

bool lacuna::halide::writeLibrary(const RequestFile &file,
                                  const Machine &machine,
                                  const LibraryOptions &options, int &made,
                                  std::string &error) {
  return LibraryWriter(file, machine, options, error).write(made);
}
