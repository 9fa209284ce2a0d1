//===- FieldText.cpp - Fields as text -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fields.h"

#include "lacuna/Schedule/Machine.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace lacuna {

namespace {
/// Turns all values into text.
class ValueVisitor : public FieldVisitor {
public:
  using FieldVisitor::choice;
  using FieldVisitor::choices;
  void text(const Field &field, TextKind, std::string &value) override {
    show(field, value);
  }
  void integer(const Field &field, const IntegerRange &,
               int64_t &value) override {
    show(field, itostr(value));
  }
  void real(const Field &field, const RealRange &, double &value) override {
    show(field, realToText(value));
  }
  void flag(const Field &field, bool &value) override {
    show(field, value ? "true" : "false");
  }
  void choice(const Field &field, ChoiceNames names, unsigned &value) override {
    show(field, names[value]);
  }
  void choices(const Field &field, ChoiceNames names,
               std::vector<unsigned> &values) override {
    std::string text;
    for (unsigned value : values)
      text += (text.empty() ? "" : ", ") + names[value].str();
    show(field, text);
  }

private:
  virtual void show(const Field &field, StringRef value) = 0;
};

class ValuePrinter : public ValueVisitor {
public:
  explicit ValuePrinter(raw_ostream &os) : os(os) {}

private:
  void show(const Field &field, StringRef value) override {
    os << left_justify(getPath(field), 28) << "  " << value
       << (field.unit.empty() ? "" : " ") << field.unit << "\n";
  }

  raw_ostream &os;
};

class JsonMaker : public FieldVisitor {
public:
  using FieldVisitor::choice;
  using FieldVisitor::choices;
  void text(const Field &field, TextKind, std::string &value) override {
    (*object)[field.key] = json::fixUTF8(value);
  }
  void integer(const Field &field, const IntegerRange &,
               int64_t &value) override {
    (*object)[field.key] = value;
  }
  void real(const Field &field, const RealRange &, double &value) override {
    (*object)[field.key] = value;
  }
  void flag(const Field &field, bool &value) override {
    (*object)[field.key] = value;
  }
  void choice(const Field &field, ChoiceNames names, unsigned &value) override {
    (*object)[field.key] = names[value];
  }
  void choices(const Field &field, ChoiceNames names,
               std::vector<unsigned> &values) override {
    json::Array array;
    for (unsigned value : values)
      array.push_back(names[value]);
    (*object)[field.key] = std::move(array);
  }
  void section(const Field &field, function_ref<void()> visit) override {
    (*object)[field.key] = makeObject(visit);
  }
  void list(const Field &field, const IntegerRange &, size_t size,
            function_ref<void(size_t)>,
            function_ref<void(size_t)> visit) override {
    json::Array array;
    for (size_t i = 0; i < size; ++i)
      array.push_back(makeObject([&] { visit(i); }));
    (*object)[field.key] = std::move(array);
  }

  json::Object makeObject(function_ref<void()> visit) {
    json::Object inner;
    json::Object *outer = std::exchange(object, &inner);
    visit();
    object = outer;
    return inner;
  }

private:
  json::Object *object = nullptr;
};

/// One line of the table for each field.
class TablePrinter : public FieldVisitor {
public:
  explicit TablePrinter(raw_ostream &os) : os(os) {}

  using FieldVisitor::choice;
  using FieldVisitor::choices;
  void text(const Field &field, TextKind kind, std::string &value) override {
    print(field,
          kind == TextKind::Line   ? "one line"
          : kind == TextKind::Path ? "a name or a path"
                                   : "a name",
          value);
  }
  void integer(const Field &field, const IntegerRange &range,
               int64_t &value) override {
    print(field, range.toText(), itostr(value));
  }
  void real(const Field &field, const RealRange &range,
            double &value) override {
    print(field, range.toText(), realToText(value));
  }
  void flag(const Field &field, bool &value) override {
    print(field, "true or false", value ? "true" : "false");
  }
  void choice(const Field &field, ChoiceNames names, unsigned &value) override {
    print(field, quote(names), ("`" + names[value] + "`").str());
  }
  void choices(const Field &field, ChoiceNames names,
               std::vector<unsigned> &) override {
    print(field, "a list of " + quote(names), "");
  }
  void section(const Field &field, function_ref<void()> visit) override {
    print(field, "keys, as follows", "all defaults");
    FieldVisitor::section(field, visit);
  }
  void list(const Field &field, const IntegerRange &sizes, size_t,
            function_ref<void(size_t)> resize,
            function_ref<void(size_t)> visit) override {
    print(field, "a list of " + sizes.toText(), "");
    resize(1);
    visitInside(getPath(field) + "[]", [&] { visit(0); });
  }

private:
  static std::string quote(ChoiceNames names) {
    return "`" + join(names, "`, `") + "`";
  }

  void print(const Field &field, const Twine &range, StringRef value) {
    os << "| `" << getPath(field) << "` | " << field.unit << " | " << range
       << " | " << (field.required ? "required" : value) << " | "
       << field.meaning << " |\n";
  }

  raw_ostream &os;
};
} // namespace

void printValues(raw_ostream &os, Machine &machine) {
  ValuePrinter printer(os);
  visitFields(printer, machine);
}

json::Object toJson(Machine &machine) {
  JsonMaker maker;
  return maker.makeObject([&] { visitFields(maker, machine); });
}

void printFieldTable(raw_ostream &os,
                     function_ref<void(FieldVisitor &)> visit) {
  os << "| key | unit | values | default | meaning |\n|---|---|---|---|---|\n";
  TablePrinter printer(os);
  visit(printer);
}

} // namespace lacuna
