//===- Autotune.cpp - The tile that is fastest on this machine -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "backends/halide/Autotune.h"

#include "backends/halide/Object.h"

#include <HalideRuntime.h>
#include <algorithm>
#include <chrono>
#include <dlfcn.h>
#include <filesystem>
#include <limits>
#include <memory>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace lacuna::halide;

namespace {
/// A block of zeros as Halide's functions take it.
class Buffer {
public:
  explicit Buffer(int64_t bytes) : memory((bytes + 127) / 64 * 64 / 8) {
    buffer.host = reinterpret_cast<uint8_t *>(memory.data());
  }
  halide_buffer_t *get() { return &buffer; }

private:
  std::vector<uint64_t> memory;
  halide_buffer_t buffer = {};
};

struct Close {
  void operator()(void *library) const { dlclose(library); }
};

/// A kernel in this process.
struct Loaded {
  Choice choice;
  std::unique_ptr<void, Close> library;
  int (*call)(void **arguments);
};
} // namespace

static std::vector<Buffer> makeBuffers(const Request &request) {
  constexpr int64_t kMostBytes = 4;
  std::vector<Buffer> buffers;
  for (const Request::Argument &argument : request.getArguments())
    buffers.emplace_back(argument.size * kMostBytes);
  return buffers;
}

/// Runs `command` without a shell, which would read paths in its own way.
static bool run(std::vector<std::string> command) {
  std::vector<char *> words;
  for (std::string &word : command)
    words.push_back(word.data());
  words.push_back(nullptr);
  pid_t child;
  int status = 0;
  return posix_spawnp(&child, words[0], nullptr, nullptr, words.data(),
                      environ) == 0 &&
         waitpid(child, &status, 0) == child && status == 0;
}

/// Makes a library of the kernel with one tile and loads it; empty, with an
/// error, if that fails.
static Loaded load(const Request &request, const Choice &choice,
                   const Machine &machine, const std::string &stem,
                   std::string &error) {
  Loaded loaded{choice, nullptr, nullptr};
  constexpr char kSymbol[] = "lacuna_halide_measured";
  std::string object = stem + ".o", shared = stem + ".so";
  if (!writeObject(request, choice.tile, machine, kSymbol, object, error,
                   /*byArray=*/true))
    return loaded;
  if (run({"cc", "-shared", "-o", shared, object})) {
    loaded.library.reset(dlopen(shared.c_str(), RTLD_NOW | RTLD_LOCAL));
    if (loaded.library)
      loaded.call = reinterpret_cast<int (*)(void **)>(
          dlsym(loaded.library.get(), "lacuna_halide_measured_argv"));
    if (!loaded.call)
      error = shared + ": cannot be loaded";
  } else {
    error = "cannot measure: the linker of 'cc' failed; install the Debian "
            "package gcc";
  }
  std::filesystem::remove(object);
  std::filesystem::remove(shared);
  return loaded;
}

std::vector<Choice>
lacuna::halide::measureTiles(const Request &request,
                             const std::vector<Choice> &choices,
                             const Machine &machine, double seconds,
                             const std::string &folder, std::string &error) {
  constexpr size_t kMost = 6, kLeast = 2;
  using Clock = std::chrono::steady_clock;
  auto begin = Clock::now();
  auto isPast = [&](double share) {
    return std::chrono::duration<double>(Clock::now() - begin).count() >=
           share * seconds;
  };
  std::vector<Loaded> kernels;
  // Half of the time at most is spent on making them.
  for (size_t i = 0;
       i < std::min(kMost, choices.size()) && (i < kLeast || !isPast(0.5));
       ++i) {
    // A name is loaded once.
    std::string stem = folder + "/tile" + std::to_string(i);
    kernels.push_back(load(request, choices[i], machine, stem, error));
    if (!error.empty())
      return {};
  }
  std::vector<Buffer> buffers = makeBuffers(request);
  std::vector<void *> arguments;
  for (Buffer &buffer : buffers)
    arguments.push_back(buffer.get());

  for (Loaded &kernel : kernels)
    kernel.choice.cost = std::numeric_limits<double>::infinity();
  // In turn, so that what else the machine does strikes all alike; the best of
  // each is what it takes undisturbed.
  constexpr int kLeastRounds = 5;
  for (int round = 0; round < kLeastRounds || !isPast(1); ++round)
    for (Loaded &kernel : kernels) {
      auto start = Clock::now();
      kernel.call(arguments.data());
      std::chrono::duration<double, std::nano> time = Clock::now() - start;
      kernel.choice.cost = std::min(kernel.choice.cost, time.count());
    }
  std::vector<Choice> measured;
  for (const Loaded &kernel : kernels)
    measured.push_back(kernel.choice);
  std::stable_sort(
      measured.begin(), measured.end(),
      [](const Choice &a, const Choice &b) { return a.cost < b.cost; });
  return measured;
}
