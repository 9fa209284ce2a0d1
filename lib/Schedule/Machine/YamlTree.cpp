//===- YamlTree.cpp - A YAML file as a tree with positions -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "YamlTree.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Casting.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLParser.h"

using namespace llvm;

namespace lacuna {

/// One line that any terminal can show: messages quote what files say.
static std::string makeLine(const Twine &message) {
  constexpr size_t kMost = 1000;
  std::string text = message.str(), line;
  bool isUTF8 = json::isUTF8(text);
  for (unsigned char c : text) {
    if (line.size() >= kMost)
      return line + "...";
    if (c < 0x20 || c == 0x7f || (c >= 0x80 && !isUTF8))
      line += "\\x" + utohexstr(c, /*LowerCase=*/true, /*Width=*/2);
    else
      line += char(c);
  }
  return line;
}

void Complaints::add(Position position, const Twine &message) {
  entries.emplace_back(position, makeLine(message));
}

Error Complaints::take() {
  constexpr size_t kMost = 20;
  if (entries.empty())
    return Error::success();
  llvm::stable_sort(entries, [](const auto &lhs, const auto &rhs) {
    return lhs.first < rhs.first;
  });
  std::string text;
  for (const auto &[position, message] : ArrayRef(entries).take_front(kMost))
    text +=
        (Twine(text.empty() ? "" : "\n") + file + ":" + Twine(position.line) +
         ":" + Twine(position.column) + ": error: " + message)
            .str();
  if (entries.size() > kMost)
    text += ("\n" + file + ": error: and " + Twine(entries.size() - kMost) +
             " more")
                .str();
  entries.clear();
  return createStringError(text);
}

const YamlNode *YamlNode::find(StringRef key) const {
  for (size_t i = 0; i < keys.size(); ++i)
    if (keys[i] == key)
      return &children[i];
  return nullptr;
}

namespace {
/// Pulls nodes out of LLVM's parser. The parser looks no further than it is
/// asked to, so that what is nested without end ends here.
class TreeReader {
public:
  TreeReader(StringRef text, Complaints &complaints);

  YamlNode read();

private:
  /// False after a complaint.
  bool read(yaml::Node *node, unsigned depth, YamlNode &out);
  bool readMapping(yaml::MappingNode &mapping, unsigned depth, YamlNode &out);
  bool readScalar(yaml::Node *node, std::string &out);
  Position getPosition(SMLoc loc) const;
  bool refuse(Position position, const Twine &message) {
    complaints.add(position, message);
    return false;
  }

  static constexpr unsigned kMostDepth = 8;
  static constexpr size_t kMostKeys = 1000;

  /// The parser looks some characters ahead: there are zeros behind.
  std::string padded;
  StringRef text;
  Complaints &complaints;
  SourceMgr sources;
};
} // namespace

static void collectDiagnostic(const SMDiagnostic &diagnostic, void *context) {
  auto &complaints = *static_cast<Complaints *>(context);
  // One error of syntax leads to others.
  if (complaints.empty())
    complaints.add({unsigned(std::max(diagnostic.getLineNo(), 1)),
                    unsigned(std::max(diagnostic.getColumnNo(), 0)) + 1},
                   "this is not YAML: " + diagnostic.getMessage());
}

TreeReader::TreeReader(StringRef given, Complaints &complaints)
    : padded(given), complaints(complaints) {
  padded.append(16, '\0');
  text = StringRef(padded).take_front(given.size());
  sources.setDiagHandler(collectDiagnostic, &complaints);
}

Position TreeReader::getPosition(SMLoc loc) const {
  const char *at = loc.getPointer();
  if (!at || at < text.begin() || at > text.end())
    return {};
  StringRef before = text.take_front(at - text.begin());
  size_t line = before.rfind('\n');
  return {unsigned(before.count('\n')) + 1,
          unsigned(before.size() - (line == StringRef::npos ? 0 : line + 1)) +
              1};
}

YamlNode TreeReader::read() {
  YamlNode root;
  yaml::Stream stream(text, sources, /*ShowColors=*/false);
  yaml::document_iterator document = stream.begin();
  if (document == stream.end())
    return root;
  yaml::Node *node = document->getRoot();
  if (!node || stream.failed() || !read(node, 0, root)) {
    if (complaints.empty())
      complaints.add({}, "this is not YAML");
    return root;
  }
  ++document;
  if (stream.failed() && complaints.empty())
    complaints.add({}, "this is not YAML");
  if (complaints.empty() && document != stream.end())
    complaints.add({}, "there is more than one document in the file");
  return root;
}

bool TreeReader::readScalar(yaml::Node *node, std::string &out) {
  auto *scalar = dyn_cast_or_null<yaml::ScalarNode>(node);
  if (!scalar)
    return false;
  SmallString<64> storage;
  out = scalar->getValue(storage).str();
  return true;
}

bool TreeReader::readMapping(yaml::MappingNode &mapping, unsigned depth,
                             YamlNode &out) {
  for (yaml::KeyValueNode &entry : mapping) {
    yaml::Node *key = entry.getKey();
    if (!key || key->failed())
      return false;
    Position position = getPosition(key->getSourceRange().Start);
    std::string name;
    if (!readScalar(key, name))
      return refuse(position, "expected a key, which is a word");
    if (out.keys.size() == kMostKeys)
      return refuse(position, "there are too many keys here");
    if (out.find(name))
      return refuse(position, "the key '" + name + "' is here twice");
    yaml::Node *value = entry.getValue();
    if (!value || value->failed())
      return false;
    YamlNode child;
    if (!read(value, depth + 1, child))
      return false;
    child.position = position;
    out.keys.push_back(std::move(name));
    out.children.push_back(std::move(child));
  }
  return !mapping.failed();
}

bool TreeReader::read(yaml::Node *node, unsigned depth, YamlNode &out) {
  out.position = getPosition(node->getSourceRange().Start);
  if (depth > kMostDepth)
    return refuse(out.position, "this is nested too deeply");
  if (!node->getAnchor().empty() || !node->getRawTag().empty() ||
      isa<yaml::AliasNode>(node))
    return refuse(out.position, "anchors, aliases and tags are not allowed");
  if (isa<yaml::NullNode>(node))
    return true;
  if (readScalar(node, out.scalar)) {
    out.kind = YamlNode::Kind::Scalar;
    return !node->failed();
  }
  if (auto *mapping = dyn_cast<yaml::MappingNode>(node)) {
    out.kind = YamlNode::Kind::Mapping;
    return readMapping(*mapping, depth, out);
  }
  auto *sequence = dyn_cast<yaml::SequenceNode>(node);
  if (!sequence)
    return refuse(out.position, "text in blocks is not allowed");
  out.kind = YamlNode::Kind::Sequence;
  for (yaml::Node &element : *sequence) {
    YamlNode child;
    if (sequence->failed() || !read(&element, depth + 1, child))
      return false;
    out.children.push_back(std::move(child));
  }
  return !sequence->failed();
}

YamlNode readYaml(StringRef text, Complaints &complaints) {
  constexpr size_t kMostBytes = 1 << 18;
  if (text.size() > kMostBytes) {
    complaints.add({},
                   "the file is longer than " + Twine(kMostBytes) + " bytes");
    return {};
  }
  return TreeReader(text, complaints).read();
}

} // namespace lacuna
