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
/// workers waits for what they are at. Until the kernel has moved one of two
/// that share a core, each look keeps the other from its work: there are few.
constexpr int kSpins = 200;
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

/// The core that the thread is on, and -1 if nobody can say.
int find_core() {
#ifdef __linux__
  return sched_getcpu();
#else
  return -1;
#endif
}

/// Moves the thread to another core, if it is on `core` and may be on others.
/// Where there are few cores, the kernel wakes threads on that of who woke them
/// and takes many milliseconds to see that another one idles.
void leave_core(int core) {
#ifdef __linux__
  cpu_set_t allowed;
  if (core < 0 || core != find_core() ||
      sched_getaffinity(0, sizeof allowed, &allowed) != 0 ||
      CPU_COUNT(&allowed) < 2)
    return;
  cpu_set_t others = allowed;
  CPU_CLR(static_cast<size_t>(core), &others);
  if (sched_setaffinity(0, sizeof others, &others) == 0)
    sched_setaffinity(0, sizeof allowed, &allowed);
#else
  (void)core;
#endif
}

struct Worker {
  lacuna_pool *pool;
  pthread_t thread;
};
} // namespace

struct lacuna_pool {
  pthread_mutex_t mutex;
  pthread_cond_t changed, finished;
  /// Held while somebody runs tasks.
  std::atomic_flag busy;
  /// The run: its number, whether workers are to end, how many may take part in
  /// it (none: it is over), and how many do. One word, so that a worker that
  /// comes late mixes up no two runs, and takes part in none that is over: who
  /// runs tasks waits for workers that have begun, never for one to wake up.
  std::atomic<std::uint64_t> run;
  static constexpr std::uint64_t kWorker = 1, kPlace = 256, kStop = 65536,
                                 kRun = 131072;

  static std::uint64_t getNumber(std::uint64_t run) { return run / kRun; }
  static std::uint64_t getPlaces(std::uint64_t run) {
    return run % kStop / kPlace;
  }
  static std::uint64_t getWorkers(std::uint64_t run) { return run % kPlace; }

  /// The core of who runs tasks, as it was when the run began.
  std::atomic<int> core;
  /// Of the run: what to do, which task comes next, and how many workers are
  /// done. None changes before all who take part are done.
  void (*task)(void *data, int index);
  void *data;
  int count;
  std::atomic<int> next;
  std::atomic<std::uint64_t> done;

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

/// Waits until the run is not number `seen` any more, and returns what it is.
static std::uint64_t await_run(lacuna_pool *pool, std::uint64_t seen) {
  std::uint64_t run;
  auto isNext = [&] {
    run = pool->run.load(std::memory_order_acquire);
    return lacuna_pool::getNumber(run) != seen;
  };
  if (spin(kWorkerYields, isNext))
    return run;
  pthread_mutex_lock(&pool->mutex);
  while (!isNext())
    pthread_cond_wait(&pool->changed, &pool->mutex);
  pthread_mutex_unlock(&pool->mutex);
  leave_core(pool->core.load(std::memory_order_relaxed));
  return run;
}

/// Whether there was a place left in `run`, which now has one more worker.
static bool take_part(lacuna_pool *pool, std::uint64_t run) {
  std::uint64_t number = lacuna_pool::getNumber(run);
  while (lacuna_pool::getNumber(run) == number &&
         lacuna_pool::getWorkers(run) < lacuna_pool::getPlaces(run))
    if (pool->run.compare_exchange_weak(run, run + lacuna_pool::kWorker,
                                        std::memory_order_acq_rel,
                                        std::memory_order_acquire))
      return true;
  return false;
}

static void await_workers(lacuna_pool *pool, std::uint64_t workers) {
  auto areDone = [&] {
    return pool->done.load(std::memory_order_acquire) == workers;
  };
  if (spin(kCallerYields, areDone))
    return;
  pthread_mutex_lock(&pool->mutex);
  while (!areDone())
    pthread_cond_wait(&pool->finished, &pool->mutex);
  pthread_mutex_unlock(&pool->mutex);
}

extern "C" {
static void *work(void *argument) {
  const Worker *worker = static_cast<const Worker *>(argument);
  lacuna_pool *pool = worker->pool;
  std::uint64_t seen = 0;
  for (;;) {
    std::uint64_t run = await_run(pool, seen);
    if (run & lacuna_pool::kStop)
      return nullptr;
    seen = lacuna_pool::getNumber(run);
    if (!take_part(pool, run))
      continue;
    do_tasks(pool);
    pool->done.fetch_add(1, std::memory_order_acq_rel);
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_signal(&pool->finished);
    pthread_mutex_unlock(&pool->mutex);
  }
}
}

/// Begins the next run, which is `what`.
static void announce(lacuna_pool *pool, std::uint64_t what) {
  pthread_mutex_lock(&pool->mutex);
  std::uint64_t last = pool->run.load(std::memory_order_relaxed);
  pool->run.store((lacuna_pool::getNumber(last) + 1) * lacuna_pool::kRun + what,
                  std::memory_order_release);
  pthread_cond_broadcast(&pool->changed);
  pthread_mutex_unlock(&pool->mutex);
}

/// Lets nobody take part in the run any more, and returns how many do.
static std::uint64_t close_run(lacuna_pool *pool) {
  constexpr std::uint64_t kPlaces = lacuna_pool::kStop - lacuna_pool::kPlace;
  return lacuna_pool::getWorkers(
      pool->run.fetch_and(~kPlaces, std::memory_order_acq_rel));
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
  pool->core.store(-1, std::memory_order_relaxed);
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
  pool->done.store(0, std::memory_order_relaxed);
  pool->core.store(find_core(), std::memory_order_relaxed);
  announce(pool, static_cast<std::uint64_t>(helpers) * lacuna_pool::kPlace);
  do_tasks(pool);
  await_workers(pool, close_run(pool));
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
