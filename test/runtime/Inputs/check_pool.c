/* Every task runs once, whatever the number of threads and of tasks; two
   callers may share a pool, and a task may use the pool it runs on. */
#include <lacuna/pool.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TASKS = 100, ROUNDS = 2000 };

struct tasks {
  lacuna_pool *pool;
  int counts[TASKS];
};

static void count(void *data, int index) {
  ++((struct tasks *)data)->counts[index];
}

static void count_within(void *data, int index) {
  static const int few = 3;
  struct tasks inner = {NULL, {0}};
  lacuna_pool_run(((struct tasks *)data)->pool, few, count, &inner);
  for (int i = 0; i < few; ++i)
    ((struct tasks *)data)->counts[index] += inner.counts[i];
}

static void expect(const struct tasks *tasks, int number, int wanted) {
  for (int i = 0; i < TASKS; ++i)
    if (tasks->counts[i] != (i < number ? wanted : 0))
      exit(1);
}

static void *use(void *pool) {
  for (int round = 0; round < ROUNDS; ++round) {
    struct tasks tasks = {pool, {0}};
    int number = round % 7;
    lacuna_pool_run(pool, number, count, &tasks);
    expect(&tasks, number, 1);
  }
  return NULL;
}

int main(void) {
  if (lacuna_pool_bytes(0) || lacuna_pool_bytes(65))
    return 2;
  for (int threads = 1; threads <= 5; ++threads) {
    void *memory =
        aligned_alloc(64, (lacuna_pool_bytes(threads) + 63) / 64 * 64);
    lacuna_pool *pool = lacuna_pool_init(memory, threads);
    if (!pool || lacuna_pool_init((char *)memory + 8, threads))
      return 3;
    struct tasks tasks = {pool, {0}};
    lacuna_pool_run(pool, TASKS, count, &tasks);
    expect(&tasks, TASKS, 1);
    lacuna_pool_run(pool, 10, count_within, &tasks);
    for (int i = 0; i < 10; ++i)
      tasks.counts[i] -= 3;
    expect(&tasks, TASKS, 1);
    /* Threads sleep by now, and some wake when all is done. */
    for (int round = 0; round < 3; ++round) {
      const struct timespec pause = {0, 20000000};
      nanosleep(&pause, NULL);
      use(pool);
    }
    pthread_t other;
    if (pthread_create(&other, NULL, use, pool))
      return 4;
    use(pool);
    pthread_join(other, NULL);
    lacuna_pool_stop(pool);
    free(memory);
  }
  puts("every task ran once");
  return 0;
}
