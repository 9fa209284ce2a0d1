//===- LoopNest.cpp - Counts of a loop nest -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoopNest.h"

#include "lacuna/Schedule/LoopNest/File.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace lacuna::loopnest;

Error lacuna::countLoopNest(StringRef path, raw_ostream &os) {
  auto buffer = MemoryBuffer::getFileOrSTDIN(path);
  if (!buffer)
    return createStringError(
        buffer.getError(),
        path + ": error: cannot read the file: " + buffer.getError().message());
  Expected<Case> description =
      readCase((*buffer)->getBuffer(), (*buffer)->getBufferIdentifier());
  if (!description)
    return description.takeError();
  printReport(os, *description,
              evaluate(description->problem, description->solution));
  return Error::success();
}
