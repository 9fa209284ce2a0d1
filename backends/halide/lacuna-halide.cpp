//===- lacuna-halide.cpp - Makes a library of kernels that are asked for -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Library.h"
#include "backends/halide/Schedule.h"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>

using namespace lacuna::halide;

// The exit codes of lacuna.
static constexpr int kUsage = 1, kFile = 2, kCompile = 5;

static constexpr char kHelp[] =
    R"(usage: lacuna-halide REQUESTS.txt -o DIR [--name=NAME] [--cache-dir=DIR]
                     [--autotune=SECONDS] [-v]
       lacuna-halide --version

Makes DIR/lib<NAME>.a and DIR/<NAME>.h of the kernels that REQUESTS.txt asks
for, and DIR/<NAME>.json, which says what tile each has and what else was tried.
NAME is the name of the file if not given; - reads standard input. Objects of
equal requests are made once and kept in the folder --cache-dir. With --autotune,
two tiles of each kernel and more are measured on this machine, for about so long
in all, and what won is kept there too, for the next time with --autotune.
)";

static int fail(int code, const std::string &message) {
  std::cerr << "lacuna-halide: error: " << message << "\n";
  return code;
}

int main(int argc, char **argv) {
  std::string requests, seconds;
  LibraryOptions options;
  bool verbose = false;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    auto take = [&](const char *prefix, std::string &value) {
      if (word.rfind(prefix, 0) != 0)
        return false;
      value = word.substr(std::strlen(prefix));
      return true;
    };
    if (word == "--help") {
      std::cout << kHelp;
      return 0;
    }
    if (word == "--version") {
      std::cout << "lacuna-halide " LACUNA_VERSION "\n";
      return 0;
    }
    if (word == "-v")
      verbose = true;
    else if (word == "-o" && i + 1 < argc)
      options.folder = argv[++i];
    else if (take("--name=", options.name) ||
             take("--cache-dir=", options.cacheFolder))
      continue;
    else if (take("--autotune=", seconds)) {
      char *end = nullptr;
      options.tuneSeconds = std::strtod(seconds.c_str(), &end);
      if (seconds.empty() || *end ||
          !(options.tuneSeconds > 0 && options.tuneSeconds <= 86400))
        return fail(kUsage, "--autotune=" + seconds +
                                ": a number of seconds up to a day is wanted");
    } else if ((word[0] != '-' || word == "-") && requests.empty())
      requests = word;
    else
      return fail(kUsage, "there is no option '" + word + "'\n" + kHelp);
  }
  if (requests.empty() || options.folder.empty())
    return fail(kUsage,
                std::string("a file of requests and -o are wanted\n") + kHelp);
  if (options.name.empty()) {
    options.name = requests.substr(requests.find_last_of('/') + 1);
    options.name = options.name.substr(0, options.name.find('.'));
    if (requests == "-")
      options.name = "kernels";
  }

  std::ostringstream text;
  if (requests == "-") {
    text << std::cin.rdbuf();
  } else {
    std::ifstream is(requests);
    if (!is)
      return fail(kFile, requests + ": cannot be read");
    text << is.rdbuf();
  }
  std::string error;
  std::optional<RequestFile> file = readRequests(text.str(), error);
  if (!file) {
    std::cerr << requests << ":" << error << "\n";
    return kUsage;
  }
  std::optional<Machine> machine = getMachine(file->target);
  if (!machine) {
    std::cerr << requests << ":" << file->targetLine
              << ": error: there is no target '" << file->target
              << "'; there are: " << listMachines() << "\n";
    return kUsage;
  }
  if (!checkTiles(*file, *machine, error)) {
    std::cerr << requests << ":" << error << "\n";
    return kUsage;
  }
  LibraryCounts counts;
  if (!writeLibrary(*file, *machine, options, counts, error))
    return fail(counts.lacksFile ? kFile : kCompile, error);
  if (verbose)
    std::cerr << file->kernels.size() << " kernels, " << counts.made
              << " objects made, " << counts.tuned << " measured\n";
  return 0;
}
