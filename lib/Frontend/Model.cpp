//===- Model.cpp - Reading ONNX files -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Model.h"

#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/stubs/logging.h"
#include "onnx/defs/parser.h"
#include "onnx/onnx_pb.h"
#include "llvm/ADT/StringExtras.h"

namespace lacuna {

/// The parser of the library calls itself for each graph in a graph; the import
/// refuses less than this.
static constexpr unsigned kMaxBrackets = 200;

/// `text` without the comments and spaces at its start.
static llvm::StringRef skipComments(llvm::StringRef text) {
  text = text.ltrim();
  while (text.consume_front("#"))
    text = text.drop_until([](char c) { return c == '\n'; }).ltrim();
  return text;
}

/// Whether `buffer` is ONNX text, which starts with `<` or with the name of a
/// graph and its inputs. A protobuf model has bytes below space early on.
static bool isText(llvm::StringRef buffer) {
  for (char c : buffer.take_front(64))
    if (static_cast<unsigned char>(c) < ' ' && !llvm::isSpace(c))
      return false;
  llvm::StringRef start = skipComments(buffer);
  if (start.starts_with("<"))
    return true;
  auto isNameChar = [](char c) { return llvm::isAlnum(c) || c == '_'; };
  llvm::StringRef rest = start.drop_while(isNameChar);
  return rest.size() < start.size() && skipComments(rest).starts_with("(");
}

/// How deep brackets are nested in ONNX text, outside strings and comments.
static unsigned countBrackets(llvm::StringRef text) {
  unsigned depth = 0, deepest = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
    case '"':
      for (++i; i < text.size() && text[i] != '"'; ++i)
        i += text[i] == '\\';
      break;
    case '#':
      i = std::min(text.find('\n', i), text.size());
      break;
    case '<':
    case '{':
    case '(':
    case '[':
      deepest = std::max(deepest, ++depth);
      break;
    case '>':
      // An arrow closes nothing.
      if (i > 0 && text[i - 1] == '=')
        break;
      [[fallthrough]];
    case '}':
    case ')':
    case ']':
      depth -= depth > 0;
      break;
    default:
      break;
    }
  }
  return deepest;
}

/// Why ONNX text was refused, without the parser's banner.
static std::string describeParseError(llvm::StringRef message) {
  return message.trim().str();
}

llvm::Expected<std::shared_ptr<onnx::ModelProto>>
parseModel(llvm::StringRef buffer) {
  if (buffer.empty())
    return llvm::createStringError("the file is empty");
  auto model = std::make_shared<onnx::ModelProto>();
  if (isText(buffer)) {
    if (countBrackets(buffer) > kMaxBrackets)
      return llvm::createStringError(
          "not valid ONNX text: its brackets are nested more than " +
          llvm::Twine(kMaxBrackets) + " deep");
    // The parser of the library throws on some errors and reports others.
    try {
      std::string text = buffer.str();
      onnx::OnnxParser parser(text.c_str());
      onnx::Common::Status status = parser.Parse(*model);
      if (!status.IsOK())
        return llvm::createStringError(
            "not valid ONNX text: " +
            describeParseError(status.ErrorMessage()));
      return model;
    } catch (const std::exception &error) {
      return llvm::createStringError("not valid ONNX text: " +
                                     describeParseError(error.what()));
    }
  }
  google::protobuf::LogSilencer quiet;
  google::protobuf::io::ArrayInputStream stream(buffer.data(), buffer.size());
  if (!model->ParseFromZeroCopyStream(&stream) || !model->has_graph())
    return llvm::createStringError(
        "not an ONNX model: the protobuf is damaged, truncated, or of another "
        "kind");
  return model;
}

} // namespace lacuna
