/* Runs a network of one input and one output, both of floats: the numbers come
   from standard input as they lie in memory, and the results are printed. */
#include "net.h"

#include <stdio.h>

_Static_assert(NET_INPUTS == 1 && NET_OUTPUTS == 1, "one input, one output");

static _Alignas(64) unsigned char arena[NET_ARENA_BYTES];
static float input[NET_INPUT_0_BYTES / sizeof(float)];
static float output[NET_OUTPUT_0_BYTES / sizeof(float)];

int main(void) {
  net_state *net = net_init(arena);
  const void *inputs[NET_INPUTS] = {input};
  void *outputs[NET_OUTPUTS] = {output};
  if (!net)
    return 1;
  while (fread(input, sizeof input, 1, stdin) == 1) {
    if (net_run(net, inputs, outputs))
      return 1;
    for (size_t i = 0; i < sizeof output / sizeof *output; ++i)
      printf("%.9g\n", (double)output[i]);
  }
  return 0;
}
