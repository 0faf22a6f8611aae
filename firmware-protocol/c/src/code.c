#include "switchyard/code.h"

const char *sy_code_name(enum sy_code code) {
  static const char *const names[] = {
      "ok",        "empty",   "too_large",      "too_deep",  "too_many_items", "bad_cbor",
      "not_a_map", "bad_key", "unexpected_key", "bad_value", "no_room",
  };
  return names[code];
}
