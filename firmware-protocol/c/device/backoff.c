#include "backoff.h"

#define FIRST_MS INT64_C(1000)
#define LONGEST_MS INT64_C(30000)
/** Doubled so often, the first wait is above the longest. */
#define MOST_DOUBLINGS 5

int64_t backoff(unsigned failures, uint32_t random) {
  int64_t ceiling = FIRST_MS << (failures < MOST_DOUBLINGS ? failures : MOST_DOUBLINGS);
  if (ceiling > LONGEST_MS) ceiling = LONGEST_MS;
  return (ceiling * (int64_t)random) >> 32;
}
