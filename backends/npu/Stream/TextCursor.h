//===- TextCursor.h - Takes one line of text apart -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_BACKENDS_NPU_STREAM_TEXTCURSOR_H
#define LACUNA_BACKENDS_NPU_STREAM_TEXTCURSOR_H

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace lacuna::npu {

/// A place in a line. Functions give true if what they take was there; if not,
/// the first of them says what it expected, and where.
class TextCursor {
public:
  TextCursor(llvm::StringRef line, unsigned number)
      : line(line), rest(line), number(number) {
    skipSpaces();
  }

  /// Whether nothing, or only a comment, is left.
  bool isAtEnd() const { return rest.empty() || rest.front() == ';'; }
  bool isAt(llvm::StringRef text) const { return rest.starts_with(text); }
  bool isAtHex() const { return isAt("0x"); }
  bool isAtNumber() const {
    return isAt("-") || (!rest.empty() && llvm::isDigit(rest.front()));
  }
  bool consume(llvm::StringRef text) {
    if (!rest.consume_front(text))
      return false;
    skipSpaces();
    return true;
  }
  bool expect(llvm::StringRef text) {
    return consume(text) || fail("expected '" + text + "'");
  }
  bool expectEnd() { return isAtEnd() || fail("expected the end of the line"); }
  /// Letters, digits, `_`, `-`.
  bool takeWord(llvm::StringRef &word) {
    start = rest;
    word = rest.take_while(
        [](char c) { return llvm::isAlnum(c) || c == '_' || c == '-'; });
    rest = rest.drop_front(word.size());
    skipSpaces();
    return !word.empty() || fail("expected a name");
  }
  bool takeUnsigned(uint64_t &value, uint64_t max = UINT64_MAX) {
    start = rest;
    // Not octal, whatever it begins with.
    bool isHex = rest.consume_front("0x");
    llvm::StringRef digits = rest.take_while(
        [&](char c) { return isHex ? llvm::isHexDigit(c) : llvm::isDigit(c); });
    rest = rest.drop_front(digits.size());
    skipSpaces();
    if (digits.getAsInteger(isHex ? 16 : 10, value))
      return failAtStart("expected a number");
    return value <= max ||
           failAtStart("the number may be at most " + llvm::Twine(max));
  }
  bool takeSigned(int64_t &value, int64_t min, int64_t max) {
    llvm::StringRef begin = rest;
    bool isNegative = consume("-");
    uint64_t magnitude;
    if (!takeUnsigned(magnitude))
      return false;
    start = begin;
    uint64_t limit = uint64_t(INT64_MAX) + isNegative;
    if (magnitude <= limit) {
      value = static_cast<int64_t>(isNegative ? 0 - magnitude : magnitude);
      if (value >= min && value <= max)
        return true;
    }
    return failAtStart("the number may be from " + llvm::Twine(min) + " to " +
                       llvm::Twine(max));
  }
  /// In quotes, with `\xx` for bytes that are not printable.
  bool takeString(std::string &text) {
    start = rest;
    text.clear();
    if (!rest.consume_front("\""))
      return failAtStart("expected a string");
    while (!rest.empty() && rest.front() != '"') {
      char c = rest.front();
      rest = rest.drop_front();
      if (c == '\\' && rest.consume_front("\\"))
        c = '\\';
      else if (c == '\\') {
        if (rest.size() < 2 || !llvm::isHexDigit(rest[0]) ||
            !llvm::isHexDigit(rest[1]))
          return fail("expected two hexadecimal digits");
        c = static_cast<char>(llvm::hexFromNibbles(rest[0], rest[1]));
        rest = rest.drop_front(2);
      }
      text += c;
    }
    if (!rest.consume_front("\""))
      return failAtStart("the string has no end");
    skipSpaces();
    return true;
  }

  /// What is left of the line, without comment.
  llvm::StringRef takeRest() {
    start = rest;
    llvm::StringRef taken = rest.split(';').first.rtrim();
    rest = {};
    return taken;
  }

  /// Remembers the first failure, at this place; always false.
  bool fail(const llvm::Twine &message) { return failAt(rest, message); }
  /// The same, where the last thing that was taken began.
  bool failAtStart(const llvm::Twine &message) {
    return failAt(start, message);
  }

  llvm::Error takeError() const {
    return llvm::createStringError(llvm::Twine(number) + ":" +
                                   llvm::Twine(column) + ": " + message);
  }

private:
  void skipSpaces() { rest = rest.ltrim(" \t\r"); }
  bool failAt(llvm::StringRef at, const llvm::Twine &text) {
    if (message.empty()) {
      message = text.str();
      column = at.empty() ? line.size() + 1
                          : static_cast<size_t>(at.data() - line.data()) + 1;
    }
    return false;
  }

  llvm::StringRef line, rest, start;
  unsigned number;
  size_t column = 0;
  std::string message;
};

} // namespace lacuna::npu

#endif // LACUNA_BACKENDS_NPU_STREAM_TEXTCURSOR_H
