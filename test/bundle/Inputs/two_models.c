/* Two networks with the same node names, and two instances of one of them. */
#include "first.h"
#include "second.h"

#include <stdalign.h>
#include <stdio.h>

static alignas(64) unsigned char a[FIRST_ARENA_BYTES], b[FIRST_ARENA_BYTES],
    c[SECOND_ARENA_BYTES];

int main(void) {
  static float input[FIRST_INPUT_0_BYTES / sizeof(float)];
  float x[6], y[6], z[6];
  for (size_t i = 0; i < sizeof input / sizeof *input; ++i)
    input[i] = (float)(i % 17) / 17.0f;
  const void *inputs[] = {input};
  void *to_x[] = {x}, *to_y[] = {y}, *to_z[] = {z};
  if (first_init(a + 1) != NULL || first_init(NULL) != NULL)
    return 1;
  first_state *one = first_init(a), *two = first_init(b);
  second_state *other = second_init(c);
  if (first_run(one, inputs, to_x) || first_run(two, inputs, to_y) ||
      second_run(other, inputs, to_z) || first_run(one, NULL, to_x) == 0)
    return 2;
  for (int i = 0; i < 6; ++i)
    if (x[i] != y[i] || x[i] != z[i])
      return 3;
  printf("all agree: %s %d\n", FIRST_OUTPUT_0_TYPE, FIRST_OUTPUT_0_RANK);
  return 0;
}
