//===- Fields.h - What the fields of a file are -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A file is described once, by a function that shows all its fields to a
// visitor. Reading, checking, printing, hashing and the documentation are
// visitors.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_LIB_SCHEDULE_MACHINE_FIELDS_H
#define LACUNA_LIB_SCHEDULE_MACHINE_FIELDS_H

#include "YamlTree.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"
#include <cstdint>

namespace lacuna {

class DensityTable;
class EnergyTable;
class Machine;

struct Field {
  llvm::StringRef key, unit, meaning;
  bool required = false;
};

struct IntegerRange {
  int64_t least, most;
  bool powerOfTwo = false;

  bool contains(int64_t value) const;
  /// `1 to 16`
  std::string toText() const;
};

struct RealRange {
  double least, most;

  bool contains(double value) const { return value >= least && value <= most; }
  std::string toText() const;
};

enum class TextKind {
  Name, // letters, digits and some signs
  Path, // the same and slashes
  Line  // anything that prints
};

using ChoiceNames = llvm::ArrayRef<llvm::StringLiteral>;

class FieldVisitor {
public:
  virtual ~FieldVisitor() = default;

  virtual void text(const Field &field, TextKind kind, std::string &value) = 0;
  virtual void integer(const Field &field, const IntegerRange &range,
                       int64_t &value) = 0;
  virtual void real(const Field &field, const RealRange &range,
                    double &value) = 0;
  virtual void flag(const Field &field, bool &value) = 0;
  virtual void choice(const Field &field, ChoiceNames names,
                      unsigned &value) = 0;
  virtual void choices(const Field &field, ChoiceNames names,
                       std::vector<unsigned> &values) = 0;
  virtual void section(const Field &field, llvm::function_ref<void()> visit);
  /// `size` structures; `resize` gives the list another size.
  virtual void list(const Field &field, const IntegerRange &sizes, size_t size,
                    llvm::function_ref<void(size_t)> resize,
                    llvm::function_ref<void(size_t)> visit);

  template <typename Enum>
  void choice(const Field &field, ChoiceNames names, Enum &value) {
    unsigned index = unsigned(value);
    choice(field, names, index);
    value = Enum(index);
  }
  template <typename Enum>
  void choices(const Field &field, ChoiceNames names,
               std::vector<Enum> &values) {
    std::vector<unsigned> indices;
    for (Enum value : values)
      indices.push_back(unsigned(value));
    choices(field, names, indices);
    values.clear();
    for (unsigned index : indices)
      values.push_back(Enum(index));
  }

protected:
  /// `array.rows`, `memories[0].bytes`
  std::string getPath(const Field &field) const {
    return (prefix + field.key).str();
  }
  /// Visits what lies in `path`.
  void visitInside(const llvm::Twine &path, llvm::function_ref<void()> visit);

private:
  std::string prefix;
};

void visitFields(FieldVisitor &visitor, Machine &machine);
void visitFields(FieldVisitor &visitor, EnergyTable &table);
void visitFields(FieldVisitor &visitor, DensityTable &table);

/// Tells what is wrong with the field at a path.
using FieldComplaint =
    llvm::function_ref<void(llvm::StringRef path, const llvm::Twine &message)>;

/// Fills fields from a file.
class FieldReader : public FieldVisitor {
public:
  FieldReader(const YamlNode &root, Complaints &complaints);

  using FieldVisitor::choice;
  using FieldVisitor::choices;
  void text(const Field &field, TextKind kind, std::string &value) override;
  void integer(const Field &field, const IntegerRange &range,
               int64_t &value) override;
  void real(const Field &field, const RealRange &range, double &value) override;
  void flag(const Field &field, bool &value) override;
  void choice(const Field &field, ChoiceNames names, unsigned &value) override;
  void choices(const Field &field, ChoiceNames names,
               std::vector<unsigned> &values) override;
  void section(const Field &field, llvm::function_ref<void()> visit) override;
  void list(const Field &field, const IntegerRange &sizes, size_t size,
            llvm::function_ref<void(size_t)> resize,
            llvm::function_ref<void(size_t)> visit) override;

  /// Complains of keys at the root that no field has.
  void finish() { refuseUnknownKeys(); }
  /// Fills all fields of the root, and complains of keys that none has and of
  /// values out of their range.
  template <typename T>
  void read(T &object);
  /// Of the key at `path`, or of what it should stand in.
  Position getPosition(llvm::StringRef path) const;

private:
  /// The value of a field; null if it is absent.
  const YamlNode *find(const Field &field, YamlNode::Kind kind,
                       llvm::StringRef what);
  void readMapping(const YamlNode &node, const llvm::Twine &path,
                   llvm::function_ref<void()> visit);
  void refuseUnknownKeys();
  /// Complains of the field at `path`, whose value is then unknown.
  void refuse(Position position, llvm::StringRef path,
              const llvm::Twine &message);
  void refuseValue(const Field &field, const YamlNode &node,
                   llvm::StringRef expected);
  /// Whether its value, or what takes its place, is that of the file.
  bool isKnown(llvm::StringRef path) const;
  bool readChoice(const Field &field, const YamlNode &node, ChoiceNames names,
                  unsigned &value);

  Complaints &complaints;
  const YamlNode *mapping;
  std::vector<llvm::StringRef> known;
  std::string what = "the file";
  llvm::StringMap<Position> positions;
  llvm::StringSet<> refused;
};

/// Complains of values out of their range.
void checkRanges(Machine &machine, FieldComplaint complain);
void checkRanges(EnergyTable &table, FieldComplaint complain);
void checkRanges(DensityTable &table, FieldComplaint complain);

template <typename T>
void FieldReader::read(T &object) {
  visitFields(*this, object);
  finish();
  checkRanges(object, [&](llvm::StringRef path, const llvm::Twine &message) {
    if (isKnown(path))
      complaints.add(getPosition(path), message);
  });
}

/// What printed text calls a value: 2.4, `0.1`.
std::string realToText(double value);

/// Prints values with their units, one a line.
void printValues(llvm::raw_ostream &os, Machine &machine);
llvm::json::Object toJson(Machine &machine);

/// Prints what a file may say, as a table of Markdown. The defaults are those
/// of `object`, whose lists have one element.
void printFieldTable(llvm::raw_ostream &os,
                     llvm::function_ref<void(FieldVisitor &)> visit);

} // namespace lacuna

#endif // LACUNA_LIB_SCHEDULE_MACHINE_FIELDS_H
