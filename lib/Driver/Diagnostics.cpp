//===- Diagnostics.cpp - How messages reach the user -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/Driver/Diagnostics.h"

#include "dialects/nn/IR/NodeLocation.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace lacuna {

static StringRef getSeverity(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Note:
    return "note";
  case DiagnosticSeverity::Warning:
    return "warning";
  case DiagnosticSeverity::Error:
    return "error";
  case DiagnosticSeverity::Remark:
    return "remark";
  }
  return "";
}

/// `said` are the nodes that were named already: notes tell only of others.
static void print(llvm::raw_ostream &os, StringRef file,
                  const Diagnostic &diagnostic, StringRef said = "") {
  os << file;
  if (auto place = dyn_cast<FileLineColLoc>(diagnostic.getLocation()))
    os << ":" << place.getLine() << ":" << place.getColumn();
  os << ": " << getSeverity(diagnostic.getSeverity()) << ": ";
  std::string nodes = describeNodes(getNodes(diagnostic.getLocation()));
  if (!nodes.empty() && nodes != said)
    os << nodes << ": ";
  os << diagnostic.str() << "\n";
  for (const Diagnostic &note : diagnostic.getNotes())
    print(os, file, note, nodes);
}

DiagnosticPrinter::DiagnosticPrinter(MLIRContext *context, StringRef file,
                                     std::string *text)
    : file(file), handler(context, [this, text](Diagnostic &diagnostic) {
        if (!text) {
          print(llvm::errs(), this->file, diagnostic);
          return success();
        }
        llvm::raw_string_ostream os(*text);
        print(os, this->file, diagnostic);
        return success();
      }) {
  // Whole operations in messages help compiler engineers, not model owners.
  context->printOpOnDiagnostic(false);
}

int reportError(StringRef file, const Twine &message, int code) {
  llvm::errs() << file << ": error: " << message << "\n";
  return code;
}

} // namespace lacuna
