#include "shortest_float.h"

#include <cbor/encoding.h>
#include <stdbool.h>
#include <string.h>

/** Finds the binary16 that is equal to a binary32, where there is one. */
static bool to_half(float real, uint16_t *half) {
  uint32_t bits;
  memcpy(&bits, &real, sizeof bits);
  int exponent = (int)((bits >> 23) & 0xff) - 127;
  uint32_t significand = (bits & 0x7fffff) | 0x800000;
  if (exponent > 15 || exponent < -24) return false;
  // Below 2^-14 a binary16 has fewer bits of fraction, the smaller the number.
  unsigned dropped = exponent >= -14 ? 13 : (unsigned)(-1 - exponent);
  if ((significand & ((UINT32_C(1) << dropped) - 1)) != 0) return false;
  uint32_t magnitude = significand >> dropped;
  if (exponent >= -14) magnitude += (uint32_t)(exponent + 14) << 10;
  *half = (uint16_t)(((bits >> 16) & 0x8000) | magnitude);
  return true;
}

size_t sy_encode_shortest_float(double real, uint8_t *buffer, size_t size) {
  const double largest = 3.4028234663852886e38;
  // A conversion that is out of range would be undefined (C99 6.3.1.5).
  if (real > largest || real < -largest || (double)(float)real != real) {
    return cbor_encode_double(real, buffer, size);
  }
  uint16_t half;
  if (!to_half((float)real, &half)) return cbor_encode_single((float)real, buffer, size);
  // Before libcbor 0.10 `cbor_encode_half` loses fractions of subnormal numbers.
  if (size < 3) return 0;
  buffer[0] = 0xf9;
  buffer[1] = (uint8_t)(half >> 8);
  buffer[2] = (uint8_t)half;
  return 3;
}
