//===- pool.h - A few threads that share the work of a network -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// For networks compiled with --threads:
//
//   void *memory = malloc(lacuna_pool_bytes(4));
//   lacuna_pool *pool = lacuna_pool_init(memory, 4);
//   net_set_pool(net, lacuna_pool_run, pool);
//
// One pool serves any number of networks. What it needs it takes when it is
// made.
//
//===----------------------------------------------------------------------===//

#ifndef LACUNA_POOL_H
#define LACUNA_POOL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lacuna_pool lacuna_pool;

/* The bytes that a pool of so many threads, the caller's among them, needs; 0
   unless there are 1 to 64. */
size_t lacuna_pool_bytes(int threads);

/* Makes a pool in `memory`, which must be aligned to 64 bytes and is the
   caller's to free after lacuna_pool_stop. NULL if it cannot be. */
lacuna_pool *lacuna_pool_init(void *memory, int threads);

/* Calls task(data, 0), ..., task(data, count - 1), once each, on the threads of
   `pool` (a lacuna_pool *) and on the caller's, and returns when all have.
   While the pool is at work for somebody else the caller does all itself. */
void lacuna_pool_run(void *pool, int count, void (*task)(void *data, int index),
                     void *data);

/* Ends the threads. Nothing may be running. */
void lacuna_pool_stop(lacuna_pool *pool);

#ifdef __cplusplus
}
#endif

#endif /* LACUNA_POOL_H */
