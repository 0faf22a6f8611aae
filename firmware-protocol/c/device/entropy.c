#include "entropy.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>

uint32_t random_bits(void) {
  uint32_t bits;
  if (RAND_bytes((unsigned char *)&bits, sizeof bits) != 1) {
    fputs("switchyard-lamp: the operating system gives no random numbers\n", stderr);
    abort();
  }
  return bits;
}
