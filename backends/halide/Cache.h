//===- Cache.h - What was made before -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_HALIDE_CACHE_H
#define LACUNA_BACKENDS_HALIDE_CACHE_H

#include <optional>
#include <string>

namespace lacuna::halide {

/// FNV-1a of 64 bits, in hexadecimal digits.
std::string hash(const std::string &text);

std::optional<std::string> readFile(const std::string &path);

/// A folder of files, each of which holds the text that asks for it, the length
/// and hash of what it keeps, and that. What is damaged, or belongs to another
/// text of the same hash, is not there. Others may use the folder meanwhile.
class Cache {
public:
  /// None if `folder` is empty. Texts of other programs than this one ask for
  /// other files.
  explicit Cache(const std::string &folder);

  std::optional<std::string> find(const std::string &text) const;
  /// Keeps `contents`, unless it cannot be written: that costs time and nothing
  /// else.
  void keep(const std::string &text, const std::string &contents) const;

private:
  std::string getHead(const std::string &text,
                      const std::string &contents) const;
  std::string getPath(const std::string &text) const;

  std::string folder, program;
};

} // namespace lacuna::halide

#endif // LACUNA_BACKENDS_HALIDE_CACHE_H
