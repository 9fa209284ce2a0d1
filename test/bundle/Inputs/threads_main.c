/* The network `shared`, compiled for 3 threads, without a pool and with pools
   of 1 to 3 threads, says to the bit what `alone`, compiled for 1, says. */
#include "alone.h"
#include "shared.h"

#include <lacuna/pool.h>

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static alignas(64) unsigned char alone_arena[ALONE_ARENA_BYTES],
    shared_arena[SHARED_ARENA_BYTES];
static float x[ALONE_INPUT_0_BYTES / sizeof(float)];
static unsigned char wanted[2][ALONE_OUTPUT_0_BYTES],
    found[2][ALONE_OUTPUT_0_BYTES];

int main(void) {
  for (size_t i = 0; i < sizeof x / sizeof *x; ++i)
    x[i] = (float)(i * 7 % 256) / 64 - 2;
  const void *inputs[] = {x};
  void *to_wanted[] = {wanted[0], wanted[1]},
       *to_found[] = {found[0], found[1]};
  if (alone_run(alone_init(alone_arena), inputs, to_wanted))
    return 1;
  shared_state *state = shared_init(shared_arena);
  for (int threads = 0; threads <= 3; ++threads) {
    lacuna_pool *pool = NULL;
    void *memory = NULL;
    if (threads > 0) {
      memory = aligned_alloc(64, (lacuna_pool_bytes(threads) + 63) / 64 * 64);
      pool = lacuna_pool_init(memory, threads);
      if (!pool)
        return 2;
      shared_set_pool(state, lacuna_pool_run, pool);
    }
    for (int round = 0; round < 3; ++round) {
      memset(found, 0, sizeof found);
      if (shared_run(state, inputs, to_found))
        return 3;
      printf("%d threads: %s\n", threads,
             memcmp(found, wanted, sizeof found) ? "different" : "same");
    }
    if (pool)
      lacuna_pool_stop(pool);
    free(memory);
  }
  return 0;
}
