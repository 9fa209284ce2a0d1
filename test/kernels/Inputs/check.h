//===- check.h - What the checks of the kernels share -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_TEST_KERNELS_CHECK_H
#define LACUNA_TEST_KERNELS_CHECK_H

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>

inline int failures = 0, checks = 0;

/// `count` elements; the last (or the first) is next to a page that nobody may
/// touch.
template <class E>
struct Guarded {
  /// As large as any page.
  static constexpr std::ptrdiff_t page = 65536;

  char *map;
  std::size_t length;
  E *data;
  std::ptrdiff_t count;

  explicit Guarded(std::ptrdiff_t count, bool at_end = true) : count(count) {
    const std::ptrdiff_t bytes = count * std::ptrdiff_t(sizeof(E));
    const std::ptrdiff_t inner = (bytes + page - 1) / page * page;
    length = std::size_t(inner + 2 * page);
    map = static_cast<char *>(
        mmap(nullptr, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (map == MAP_FAILED ||
        mprotect(map + page, std::size_t(inner), PROT_READ | PROT_WRITE))
      std::abort();
    data = reinterpret_cast<E *>(map + page + (at_end ? inner - bytes : 0));
  }
  ~Guarded() { munmap(map, length); }
  Guarded(const Guarded &) = delete;
  Guarded &operator=(const Guarded &) = delete;

  void read_only() {
    mprotect(map + page, length - 2 * std::size_t(page), PROT_READ);
  }
  E &operator[](std::ptrdiff_t i) {
    if (i < 0 || i >= count) {
      std::printf("reference out of bounds %td of %td\n", i, count);
      std::abort();
    }
    return data[i];
  }
};

inline unsigned next_random() {
  static unsigned state = 12345;
  state = state * 1664525u + 1013904223u;
  return state >> 8;
}

/// -1 .. 1
inline float uniform() { return float(int(next_random())) / 8388608.0f - 1.0f; }

inline void report(const char *what, bool good) {
  ++checks;
  if (good)
    return;
  ++failures;
  std::printf("FAILED %s\n", what);
}

/// What main returns.
inline int finish() {
  std::printf("%d checks, %d failures\n", checks, failures);
  return failures != 0 || checks == 0;
}

#endif // LACUNA_TEST_KERNELS_CHECK_H
