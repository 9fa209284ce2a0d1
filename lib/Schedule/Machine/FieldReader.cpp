//===- FieldReader.cpp - Fields from a file -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fields.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace llvm;

namespace lacuna {

FieldReader::FieldReader(const YamlNode &root, Complaints &complaints)
    : complaints(complaints), mapping(&root) {
  positions[""] = root.position;
}

/// What `array.rows` and `memories[0]` lie in: `array`, `memories`.
static StringRef getParent(StringRef path) {
  return path.take_front(path.find_last_of(".[") + 1).rtrim(".[");
}

void FieldReader::refuse(Position position, StringRef path,
                         const Twine &message) {
  complaints.add(position, message);
  refused.insert(path);
}

bool FieldReader::isKnown(StringRef path) const {
  for (; !path.empty(); path = getParent(path))
    if (refused.contains(path))
      return false;
  return true;
}

Position FieldReader::getPosition(StringRef path) const {
  for (; !path.empty(); path = getParent(path))
    if (auto found = positions.find(path); found != positions.end())
      return found->second;
  return positions.lookup("");
}

const YamlNode *FieldReader::find(const Field &field, YamlNode::Kind kind,
                                  StringRef expected) {
  known.push_back(field.key);
  std::string path = getPath(field);
  const YamlNode *node = mapping->find(field.key);
  if (!node) {
    if (field.required)
      refuse(mapping->position, path,
             "the key '" + field.key + "' is missing in " + what + "; it is " +
                 expected);
    return nullptr;
  }
  positions[path] = node->position;
  if (node->kind == kind)
    return node;
  refuse(node->position, path, "'" + path + "' must be " + expected);
  return nullptr;
}

void FieldReader::refuseValue(const Field &field, const YamlNode &node,
                              StringRef expected) {
  std::string path = getPath(field);
  refuse(node.position, path,
         "'" + path + "' must be " + expected + ", not '" + node.scalar + "'");
}

void FieldReader::text(const Field &field, TextKind, std::string &value) {
  if (const YamlNode *node = find(field, YamlNode::Kind::Scalar, "text"))
    value = node->scalar;
}

void FieldReader::integer(const Field &field, const IntegerRange &range,
                          int64_t &value) {
  std::string expected =
      (range.powerOfTwo ? "" : "an integer from ") + range.toText();
  const YamlNode *node = find(field, YamlNode::Kind::Scalar, expected);
  if (node && StringRef(node->scalar).getAsInteger(10, value))
    refuseValue(field, *node, expected);
}

void FieldReader::real(const Field &field, const RealRange &range,
                       double &value) {
  std::string expected = "a number from " + range.toText();
  const YamlNode *node = find(field, YamlNode::Kind::Scalar, expected);
  if (!node)
    return;
  double read;
  // What else counts as a number (nan, hexadecimal) is none here.
  if (StringRef(node->scalar).find_first_not_of("0123456789+-.eE") !=
          StringRef::npos ||
      StringRef(node->scalar).getAsDouble(read) || !std::isfinite(read))
    return refuseValue(field, *node, expected);
  value = read;
}

void FieldReader::flag(const Field &field, bool &value) {
  const YamlNode *node = find(field, YamlNode::Kind::Scalar, "true or false");
  if (!node)
    return;
  value = node->scalar == "true";
  if (!value && node->scalar != "false")
    refuseValue(field, *node, "true or false");
}

bool FieldReader::readChoice(const Field &field, const YamlNode &node,
                             ChoiceNames names, unsigned &value) {
  const StringLiteral *found = llvm::find(names, node.scalar);
  if (node.kind == YamlNode::Kind::Scalar && found != names.end()) {
    value = found - names.begin();
    return true;
  }
  std::string path = getPath(field);
  refuse(node.position, path,
         "'" + path + "' must be one of: " + join(names, ", ") +
             (node.kind == YamlNode::Kind::Scalar
                  ? "; not '" + node.scalar + "'"
                  : ""));
  return false;
}

void FieldReader::choice(const Field &field, ChoiceNames names,
                         unsigned &value) {
  if (const YamlNode *node =
          find(field, YamlNode::Kind::Scalar, "one of: " + join(names, ", ")))
    readChoice(field, *node, names, value);
}

void FieldReader::choices(const Field &field, ChoiceNames names,
                          std::vector<unsigned> &values) {
  const YamlNode *node =
      find(field, YamlNode::Kind::Sequence, "a list of: " + join(names, ", "));
  if (!node)
    return;
  values.clear();
  for (const YamlNode &element : node->children) {
    unsigned value;
    if (readChoice(field, element, names, value))
      values.push_back(value);
  }
}

void FieldReader::readMapping(const YamlNode &node, const Twine &path,
                              function_ref<void()> visit) {
  std::string name = ("'" + path + "'").str();
  auto outerKnown = std::exchange(known, {});
  auto outerWhat = std::exchange(what, name);
  const YamlNode *outerMapping = std::exchange(mapping, &node);
  visitInside(path, visit);
  refuseUnknownKeys();
  known = std::move(outerKnown);
  what = std::move(outerWhat);
  mapping = outerMapping;
}

void FieldReader::refuseUnknownKeys() {
  for (auto [key, child] : zip(mapping->keys, mapping->children)) {
    if (is_contained(known, key))
      continue;
    // Only what is nearly right has been meant.
    unsigned best = 3;
    StringRef meant;
    for (StringRef name : known)
      if (unsigned distance = name.edit_distance_insensitive(key, true, best);
          distance < best) {
        best = distance;
        meant = name;
      }
    complaints.add(child.position,
                   "there is no key '" + key + "' in " + what + "; " +
                       (meant.empty()
                            ? "there are: " + join(known, ", ")
                            : ("did you mean '" + meant + "'?").str()));
  }
}

void FieldReader::section(const Field &field, function_ref<void()> visit) {
  if (const YamlNode *node =
          find(field, YamlNode::Kind::Mapping, "a mapping of keys"))
    readMapping(*node, getPath(field), visit);
}

void FieldReader::list(const Field &field, const IntegerRange &sizes, size_t,
                       function_ref<void(size_t)> resize,
                       function_ref<void(size_t)> visit) {
  const YamlNode *node = find(field, YamlNode::Kind::Sequence,
                              "a list of " + sizes.toText() + " mappings");
  if (!node)
    return;
  std::string path = getPath(field);
  if (!sizes.contains(int64_t(node->children.size()))) {
    refuse(node->position, path,
           "'" + path + "' must have " + sizes.toText() + " elements, not " +
               Twine(node->children.size()));
    return;
  }
  resize(node->children.size());
  for (auto [i, child] : enumerate(node->children)) {
    std::string element = (path + "[" + Twine(i) + "]").str();
    positions[element] = child.position;
    if (child.kind != YamlNode::Kind::Mapping) {
      refuse(child.position, element,
             "'" + element + "' must be a mapping of keys");
      continue;
    }
    readMapping(child, element, [&] { visit(i); });
  }
}

} // namespace lacuna
