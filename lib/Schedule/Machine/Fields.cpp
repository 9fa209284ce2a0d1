//===- Fields.cpp - What the fields of a file are -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fields.h"

#include "lacuna/Schedule/EnergyTable.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include <charconv>

using namespace llvm;

namespace lacuna {

bool IntegerRange::contains(int64_t value) const {
  return value >= least && value <= most &&
         (!powerOfTwo || isPowerOf2_64(uint64_t(value)));
}

std::string IntegerRange::toText() const {
  return ((powerOfTwo ? "a power of two from " : "") + Twine(least) + " to " +
          Twine(most))
      .str();
}

std::string RealRange::toText() const {
  return realToText(least) + " to " + realToText(most);
}

std::string realToText(double value) {
  char digits[32];
  return std::string(digits,
                     std::to_chars(digits, std::end(digits), value).ptr);
}

void FieldVisitor::visitInside(const Twine &path, function_ref<void()> visit) {
  std::string outer = prefix;
  prefix = path.str() + ".";
  visit();
  prefix = std::move(outer);
}

void FieldVisitor::section(const Field &field, function_ref<void()> visit) {
  visitInside(getPath(field), visit);
}

void FieldVisitor::list(const Field &field, const IntegerRange &, size_t size,
                        function_ref<void(size_t)>,
                        function_ref<void(size_t)> visit) {
  for (size_t i = 0; i < size; ++i)
    visitInside(getPath(field) + "[" + Twine(i) + "]", [&] { visit(i); });
}

namespace {
/// Complains of values out of their range.
class RangeChecker : public FieldVisitor {
public:
  explicit RangeChecker(FieldComplaint complain) : complain(complain) {}

  using FieldVisitor::choice;
  using FieldVisitor::choices;
  void text(const Field &field, TextKind kind, std::string &value) override;
  void integer(const Field &field, const IntegerRange &range,
               int64_t &value) override {
    if (!range.contains(value))
      refuse(field, " must be " + range.toText() + ", not " + Twine(value));
  }
  void real(const Field &field, const RealRange &range,
            double &value) override {
    if (!range.contains(value))
      refuse(field,
             " must be " + range.toText() + ", not " + realToText(value));
  }
  void flag(const Field &, bool &) override {}
  void choice(const Field &, ChoiceNames, unsigned &) override {}
  void choices(const Field &field, ChoiceNames names,
               std::vector<unsigned> &values) override;
  void list(const Field &field, const IntegerRange &sizes, size_t size,
            function_ref<void(size_t)> resize,
            function_ref<void(size_t)> visit) override {
    if (!sizes.contains(int64_t(size)))
      refuse(field,
             " must have " + sizes.toText() + " elements, not " + Twine(size));
    FieldVisitor::list(field, sizes, size, resize, visit);
  }

private:
  void refuse(const Field &field, const Twine &message) {
    std::string path = getPath(field);
    complain(path, "'" + path + "'" + message);
  }

  FieldComplaint complain;
};
} // namespace

void RangeChecker::text(const Field &field, TextKind kind, std::string &value) {
  // The header of a stream has room for no longer name of a machine.
  constexpr size_t kMostName = 63, kMostLine = 1000;
  if (value.empty()) {
    if (field.required)
      refuse(field, " must not be empty");
    return;
  }
  size_t most = kind == TextKind::Name ? kMostName : kMostLine;
  if (value.size() > most)
    return refuse(field,
                  " must not be longer than " + Twine(most) + " characters");
  if (kind == TextKind::Line) {
    if (any_of(value, [](unsigned char c) { return c < 0x20 || c == 0x7f; }) ||
        !json::isUTF8(value))
      refuse(field, " must be one line of text");
    return;
  }
  StringRef signs = kind == TextKind::Name ? "-_.:" : "-_.:/ ";
  if (!all_of(value, [&](char c) { return isAlnum(c) || signs.contains(c); }))
    refuse(field, " may have letters, digits and '" + signs + "' only");
  // Reports are in folders of such names.
  else if (kind == TextKind::Name && (value == "." || value == ".."))
    refuse(field, " must not be '" + value + "'");
}

void RangeChecker::choices(const Field &field, ChoiceNames names,
                           std::vector<unsigned> &values) {
  if (values.empty())
    refuse(field, " must not be empty");
  for (size_t i = 0; i < values.size(); ++i)
    if (is_contained(ArrayRef(values).take_front(i), values[i]))
      return refuse(field, " has '" + names[values[i]] + "' twice");
}

void checkRanges(Machine &machine, FieldComplaint complain) {
  RangeChecker checker(complain);
  visitFields(checker, machine);
}

void checkRanges(EnergyTable &table, FieldComplaint complain) {
  RangeChecker checker(complain);
  visitFields(checker, table);
}

void checkRanges(DensityTable &table, FieldComplaint complain) {
  RangeChecker checker(complain);
  visitFields(checker, table);
}

} // namespace lacuna
