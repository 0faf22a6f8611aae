#include "utf8.h"

bool sy_is_utf8(const uint8_t *at, size_t length) {
  const uint8_t *end = at + length;
  while (at < end) {
    uint8_t lead = *at++;
    if (lead < 0x80) continue;
    if (lead < 0xc2 || lead > 0xf4) return false;
    unsigned more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if ((size_t)(end - at) < more) return false;
    uint8_t lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    uint8_t highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (*at < lowest || *at > highest) return false;
    for (at++; --more > 0; at++) {
      if ((*at & 0xc0) != 0x80) return false;
    }
  }
  return true;
}
