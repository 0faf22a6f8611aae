#include <math.h>
#include <string.h>

#include "rules.h"

/** Bytes of one value in a `tele` of nothing else, after `a4 01 01 02 02 03 00 04 a1 01`. */
static size_t encode(double real, uint8_t encoded[9]) {
  struct sy_entry entry = {1, sy_float(real)};
  struct sy_tele tele = {.heading = {1, 2, 0}, .vals = {&entry, 1}};
  uint8_t buffer[32];
  size_t length = 0;
  if (sy_encode_tele(&tele, buffer, sizeof buffer, &length) != SY_OK) return 0;
  memcpy(encoded, buffer + 10, length - 10);
  return length - 10;
}

/** The number that the bits of a finite binary16 stand for. */
static double of_half(unsigned bits) {
  int exponent = (int)(bits >> 10) & 0x1f;
  double fraction = bits & 0x3ff;
  double magnitude = exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, exponent - 25);
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

static bool every_half_is_three_bytes(void) {
  for (unsigned bits = 0; bits < 0x10000; bits++) {
    double real = of_half(bits);
    if ((bits & 0x7c00) == 0x7c00 || real == floor(real)) continue;
    uint8_t encoded[9];
    if (encode(real, encoded) != 3 || encoded[0] != 0xf9) return false;
    if ((unsigned)(encoded[1] << 8 | encoded[2]) != bits) return false;
  }
  return true;
}

/** Numbers right beside a binary16 are none themselves. */
static bool no_neighbour_is_taken_for_a_half(void) {
  for (unsigned bits = 1; bits < 0x6400; bits++) {
    float real = (float)of_half(bits);
    uint8_t encoded[9];
    if (encode((double)nextafterf(real, HUGE_VALF), encoded) != 5 || encoded[0] != 0xfa) return false;
    if (encode(nextafter((double)real, HUGE_VAL), encoded) != 9 || encoded[0] != 0xfb) return false;
  }
  return true;
}

void test_floats(void) {
  uint8_t encoded[9];
  tap_ok(every_half_is_three_bytes(), "floats: every binary16 with a fraction is sent as such");
  tap_ok(no_neighbour_is_taken_for_a_half(), "floats: what a binary16 cannot hold is sent wider");
  tap_ok(encode(ldexp(1, -149), encoded) == 5, "floats: the least binary32 is sent as such");
  tap_ok(encode(ldexp(1, -150), encoded) == 9, "floats: below that it takes a binary64");
  tap_ok(encode(1.0, encoded) == 1, "floats: a number without a fraction is sent as an integer");
}
