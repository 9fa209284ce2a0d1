//===- YamlTree.h - A YAML file as a tree with positions -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_SCHEDULE_MACHINE_YAMLTREE_H
#define LACUNA_LIB_SCHEDULE_MACHINE_YAMLTREE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace lacuna {

/// Where something stands in a file, from 1 on.
struct Position {
  unsigned line = 1, column = 1;

  bool operator<(const Position &other) const {
    return line != other.line ? line < other.line : column < other.column;
  }
};

/// What is wrong with a file.
class Complaints {
public:
  explicit Complaints(llvm::StringRef file) : file(file) {}

  void add(Position position, const llvm::Twine &message);
  bool empty() const { return entries.empty(); }
  /// All of them in the order of the file, or success.
  llvm::Error take();

private:
  std::string file;
  std::vector<std::pair<Position, std::string>> entries;
};

struct YamlNode {
  enum class Kind { Null, Scalar, Mapping, Sequence };

  Kind kind = Kind::Null;
  /// Of the key, if the node is the value of one.
  Position position;
  std::string scalar;
  /// Mapping: of the children.
  std::vector<std::string> keys;
  std::vector<YamlNode> children;

  /// The value of `key`, or null.
  const YamlNode *find(llvm::StringRef key) const;
};

/// Reads one document of plain YAML: mappings, sequences and scalars. The
/// root is complete unless there are complaints.
YamlNode readYaml(llvm::StringRef text, Complaints &complaints);

} // namespace lacuna

#endif // LACUNA_LIB_SCHEDULE_MACHINE_YAMLTREE_H
