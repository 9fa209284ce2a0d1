//===- parallel.h - Layers in parts, for the threads of an app -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_NEON_PARALLEL_H
#define LACUNA_NEON_PARALLEL_H

#include <cstddef>

/// What the app has given: run calls task(data, 0), ..., task(data, count - 1)
/// on any threads. Without it there is one thread.
struct Pool {
  void (*run)(void *pool, int count, void (*task)(void *data, int index),
              void *data);
  void *pool;
};

/// `count` output planes (axis 0), rows (1) or columns (2) of the layer L, from
/// `first` on: a layer like L, and where its memory begins.
template <class L, int axis, std::ptrdiff_t count>
struct Part : L {
  static constexpr std::ptrdiff_t out[3] = {axis == 0 ? count : L::out[0],
                                            axis == 1 ? count : L::out[1],
                                            axis == 2 ? count : L::out[2]};
  std::ptrdiff_t first;

  explicit Part(std::ptrdiff_t begin) : first(begin) {}
  std::ptrdiff_t in_start() const { return first * L::in_step[axis]; }
  std::ptrdiff_t out_start() const { return first * L::out_step[axis]; }
  std::ptrdiff_t res_start() const { return first * L::res_step[axis]; }
};

inline void run_parts(const Pool *pool, int parts,
                      void (*task)(void *data, int index), void *data) {
  if (pool->run != nullptr)
    pool->run(pool->pool, parts, task, data);
  else
    for (int index = 0; index != parts; ++index)
      task(data, index);
}

/// Calls body(part) for `parts` parts of the layer L, as even as can be. Which
/// thread does which part changes no result: no two parts share an output.
template <class L, int axis, int parts, class F>
void split(const Pool *pool, F body) {
  const auto task = [](void *data, int index) {
    constexpr std::ptrdiff_t length = L::out[axis] / parts;
    constexpr std::ptrdiff_t longer = L::out[axis] % parts;
    const F &run = *static_cast<const F *>(data);
    if constexpr (longer != 0)
      if (index < longer)
        return run(Part<L, axis, length + 1>(index * (length + 1)));
    run(Part<L, axis, length>(index * length + longer));
  };
  run_parts(pool, parts, task, &body);
}

/// The same of `size` planes, rows or columns of a kernel that is a function:
/// calls body(first, is_longer) for each part.
template <std::ptrdiff_t size, int parts, class F>
void split_range(const Pool *pool, F body) {
  const auto task = [](void *data, int index) {
    constexpr std::ptrdiff_t length = size / parts;
    constexpr std::ptrdiff_t longer = size % parts;
    const std::ptrdiff_t first =
        index * length + (index < longer ? index : longer);
    (*static_cast<const F *>(data))(first, index < longer);
  };
  run_parts(pool, parts, task, &body);
}

#endif // LACUNA_NEON_PARALLEL_H
