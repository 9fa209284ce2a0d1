//===- Reports.cpp - The folder of reports -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/npu/Simulator/Report.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace lacuna::npu {

using Writer = void (*)(const SimulationResult &, raw_ostream &);

static Error writeFile(const SimulationResult &result, StringRef folder,
                       StringRef name, Writer write) {
  SmallString<128> path = folder;
  sys::path::append(path, name);
  std::error_code code;
  raw_fd_ostream os(path, code);
  if (!code) {
    write(result, os);
    os.close();
    code = os.error();
    os.clear_error();
  }
  if (!code)
    return Error::success();
  return createStringError(
      code, path + ": error: cannot write the file: " + code.message());
}

Error writeReports(const SimulationResult &result, StringRef folder) {
  if (std::error_code code = sys::fs::create_directories(folder))
    return createStringError(
        code, folder + ": error: cannot make the folder: " + code.message());
  for (auto [name, write] :
       {std::pair<StringRef, Writer>("report.json", writeReportJson),
        std::pair<StringRef, Writer>("layers.csv", writeLayersCsv),
        std::pair<StringRef, Writer>("report.html", writeReportHtml)})
    if (Error error = writeFile(result, folder, name, write))
      return error;
  return Error::success();
}

} // namespace lacuna::npu
