//===- pool.cpp - A few threads that share the work of a network -===//
//
// Part of the Lacuna project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lacuna/pool.h"

#include <atomic>
#include <cstdint>
#include <new>
#include <pthread.h>
#include <sched.h>

namespace {
constexpr int kMostThreads = 64;

/// How often a thread looks for a change, and then how often it lets others run
/// between looks, before it sleeps. Two threads that take turns in sleeping are
/// never ready at once, so the kernel may leave them on one core for good; if
/// they only yield, it sees both and moves one. A worker waits for a
/// millisecond or so, as lies between the layers of a network; who waits for
/// workers waits for what they are at.
constexpr int kSpins = 4000;
constexpr int kWorkerYields = 4000;
constexpr int kCallerYields = 16000;

/// Tells the core, and an emulator, that the thread only waits.
inline void pause() {
#if defined(__aarch64__) || defined(__arm__)
  __asm__ volatile("yield");
#elif defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

/// Whether `changed` became true before it was time to sleep.
template <typename Changed>
bool spin(int yields, const Changed &changed) {
  for (int i = 0; i < kSpins; ++i) {
    if (changed())
      return true;
    pause();
  }
  for (int i = 0; i < yields; ++i) {
    if (changed())
      return true;
    sched_yield();
  }
  return false;
}

struct Worker {
  lacuna_pool *pool;
  int index;
  pthread_t thread;
};
} // namespace

struct lacuna_pool {
  pthread_mutex_t mutex;
  pthread_cond_t changed, finished;
  /// Held while somebody runs tasks.
  std::atomic_flag busy;
  /// The number of the run times kRun, plus how many workers take part in it.
  /// One word, so that a worker that comes late mixes up no two runs.
  std::atomic<std::uint64_t> run;
  static constexpr std::uint64_t kRun = 256;
  /// Set instead of the workers of a run: end.
  static constexpr std::uint64_t kStop = 255;

  /// Of the run: what to do, which task comes next, who is not done yet. None
  /// changes before all who take part are done.
  void (*task)(void *data, int index);
  void *data;
  int count;
  std::atomic<int> next, working;

  int threads;
  Worker workers[1];
};

static void do_tasks(lacuna_pool *pool) {
  for (;;) {
    int index = pool->next.fetch_add(1, std::memory_order_relaxed);
    if (index >= pool->count)
      return;
    pool->task(pool->data, index);
  }
}

/// Waits until the run is not `seen` any more, and returns what it is.
static std::uint64_t await_run(lacuna_pool *pool, std::uint64_t seen) {
  std::uint64_t run;
  if (spin(kWorkerYields, [&] {
        return (run = pool->run.load(std::memory_order_acquire)) != seen;
      }))
    return run;
  pthread_mutex_lock(&pool->mutex);
  while ((run = pool->run.load(std::memory_order_acquire)) == seen)
    pthread_cond_wait(&pool->changed, &pool->mutex);
  pthread_mutex_unlock(&pool->mutex);
  return run;
}

static void await_workers(lacuna_pool *pool) {
  if (spin(kCallerYields,
           [&] { return pool->working.load(std::memory_order_acquire) == 0; }))
    return;
  pthread_mutex_lock(&pool->mutex);
  while (pool->working.load(std::memory_order_acquire) != 0)
    pthread_cond_wait(&pool->finished, &pool->mutex);
  pthread_mutex_unlock(&pool->mutex);
}

extern "C" {
static void *work(void *argument) {
  const Worker *worker = static_cast<const Worker *>(argument);
  lacuna_pool *pool = worker->pool;
  std::uint64_t seen = 0;
  for (;;) {
    seen = await_run(pool, seen);
    std::uint64_t taking_part = seen % lacuna_pool::kRun;
    if (taking_part == lacuna_pool::kStop)
      return nullptr;
    if (static_cast<std::uint64_t>(worker->index) >= taking_part)
      continue;
    do_tasks(pool);
    if (pool->working.fetch_sub(1, std::memory_order_acq_rel) != 1)
      continue;
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_signal(&pool->finished);
    pthread_mutex_unlock(&pool->mutex);
  }
}
}

/// Begins a run of `workers` workers, or ends them.
static void announce(lacuna_pool *pool, std::uint64_t workers) {
  pthread_mutex_lock(&pool->mutex);
  std::uint64_t last = pool->run.load(std::memory_order_relaxed);
  pool->run.store((last / lacuna_pool::kRun + 1) * lacuna_pool::kRun + workers,
                  std::memory_order_release);
  pthread_cond_broadcast(&pool->changed);
  pthread_mutex_unlock(&pool->mutex);
}

size_t lacuna_pool_bytes(int threads) {
  if (threads < 1 || threads > kMostThreads)
    return 0;
  return sizeof(lacuna_pool) +
         sizeof(Worker) * static_cast<size_t>(threads - 1);
}

lacuna_pool *lacuna_pool_init(void *memory, int threads) {
  if (!memory || reinterpret_cast<std::uintptr_t>(memory) % 64 != 0 ||
      !lacuna_pool_bytes(threads))
    return nullptr;
  lacuna_pool *pool = new (memory) lacuna_pool();
  pool->busy.clear();
  if (pthread_mutex_init(&pool->mutex, nullptr))
    return nullptr;
  if (pthread_cond_init(&pool->changed, nullptr)) {
    pthread_mutex_destroy(&pool->mutex);
    return nullptr;
  }
  if (pthread_cond_init(&pool->finished, nullptr)) {
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->mutex);
    return nullptr;
  }
  // One thread is the caller's.
  for (pool->threads = 1; pool->threads < threads; ++pool->threads) {
    Worker *worker = pool->workers + (pool->threads - 1);
    worker->pool = pool;
    worker->index = pool->threads - 1;
    if (pthread_create(&worker->thread, nullptr, work, worker)) {
      lacuna_pool_stop(pool);
      return nullptr;
    }
  }
  return pool;
}

void lacuna_pool_run(void *argument, int count,
                     void (*task)(void *data, int index), void *data) {
  lacuna_pool *pool = static_cast<lacuna_pool *>(argument);
  int helpers = (count < pool->threads ? count : pool->threads) - 1;
  if (helpers < 1 || pool->busy.test_and_set(std::memory_order_acquire)) {
    for (int index = 0; index < count; ++index)
      task(data, index);
    return;
  }
  pool->task = task;
  pool->data = data;
  pool->count = count;
  pool->next.store(0, std::memory_order_relaxed);
  pool->working.store(helpers, std::memory_order_relaxed);
  announce(pool, static_cast<std::uint64_t>(helpers));
  do_tasks(pool);
  await_workers(pool);
  pool->busy.clear(std::memory_order_release);
}

void lacuna_pool_stop(lacuna_pool *pool) {
  announce(pool, lacuna_pool::kStop);
  for (int i = 0; i < pool->threads - 1; ++i)
    pthread_join(pool->workers[i].thread, nullptr);
  pthread_cond_destroy(&pool->finished);
  pthread_cond_destroy(&pool->changed);
  pthread_mutex_destroy(&pool->mutex);
}
