//===- Cache.cpp - What was made before -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Cache.h"

#include <Halide.h>
#include <cstdio>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <llvm/Config/llvm-config.h>
#include <sstream>
#include <unistd.h>

using namespace lacuna::halide;

std::string lacuna::halide::hash(const std::string &text) {
  uint64_t value = 0xcbf29ce484222325;
  for (unsigned char c : text)
    value = (value ^ c) * 0x100000001b3;
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx",
                static_cast<unsigned long long>(value));
  return digits;
}

std::optional<std::string> lacuna::halide::readFile(const std::string &path) {
  std::ifstream is(path, std::ios::binary);
  std::ostringstream os;
  os << is.rdbuf();
  if (!is)
    return std::nullopt;
  return os.str();
}

/// What changes when kernels of the same request may change: this program, and
/// the libraries that it uses.
static std::string describeProgram() {
  Dl_info halide = {};
  dladdr(reinterpret_cast<void *>(&Halide::get_host_target), &halide);
  std::string text = "lacuna-halide";
  for (const char *file : {"/proc/self/exe", halide.dli_fname})
    text += " " + hash(readFile(file ? file : "").value_or(""));
  return text + ", LLVM " LLVM_VERSION_STRING "\n";
}

Cache::Cache(const std::string &folder) : folder(folder) {
  if (folder.empty())
    return;
  program = describeProgram();
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (access(folder.c_str(), W_OK | X_OK) != 0)
    std::cerr << "lacuna-halide: warning: " << folder
              << ": nothing can be kept there\n";
}

std::string Cache::getPath(const std::string &text) const {
  return folder + "/" + hash(program + text) + ".kept";
}

std::string Cache::getHead(const std::string &text,
                           const std::string &contents) const {
  return program + text + std::to_string(contents.size()) + " bytes, hash " +
         hash(contents) + "\n";
}

std::optional<std::string> Cache::find(const std::string &text) const {
  if (folder.empty())
    return std::nullopt;
  std::optional<std::string> kept = readFile(getPath(text));
  if (!kept)
    return std::nullopt;
  // The line with the length follows the text.
  size_t start = kept->find('\n', program.size() + text.size());
  if (start == std::string::npos)
    return std::nullopt;
  std::string contents = kept->substr(start + 1);
  if (kept->compare(0, start + 1, getHead(text, contents)) != 0)
    return std::nullopt;
  return contents;
}

void Cache::keep(const std::string &text, const std::string &contents) const {
  if (folder.empty())
    return;
  // A name of its own until it is whole, on disk too.
  std::string path = getPath(text), fresh = path + ".XXXXXX";
  int file = mkstemp(fresh.data());
  if (file < 0)
    return;
  std::string all = getHead(text, contents) + contents;
  size_t done = 0;
  while (done < all.size()) {
    ssize_t written = write(file, all.data() + done, all.size() - done);
    if (written <= 0)
      break;
    done += size_t(written);
  }
  bool isWhole = done == all.size() && fsync(file) == 0;
  isWhole &= close(file) == 0;
  if (!isWhole || std::rename(fresh.c_str(), path.c_str()) != 0)
    unlink(fresh.c_str());
}
