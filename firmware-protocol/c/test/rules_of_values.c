#include "rules.h"

static struct sy_value bytes(size_t length) {
  static const uint8_t zeros[8] = {0};
  struct sy_value value = {SY_BYTES, .as.bytes = {zeros, length}};
  return value;
}

static void test_null(void) {
  const struct sy_value null = sy_null();
  bool refused = test_device.prop_count > 0;
  for (size_t i = 0; i < test_device.prop_count; i++) {
    if (sy_judge_value(&test_device.props[i], &null).code != SY_REASON_INVALID) refused = false;
  }
  tap_ok(refused, "values: null for a property of any type: %u", (unsigned)SY_REASON_INVALID);
}

void test_values(void) {
  test_null();
  const struct {
    const char *what;
    uint8_t pid;
    struct sy_value value;
    uint8_t code;
  } cases[] = {
      {"a bool", PID_SWITCH, sy_bool(true), SY_REASON_NONE},
      {"an integer for a bool", PID_SWITCH, sy_int(1), SY_REASON_INVALID},
      {"null for a bool", PID_SWITCH, sy_null(), SY_REASON_INVALID},
      {"an integer at its minimum", PID_LEVEL, sy_int(10), SY_REASON_NONE},
      {"an integer below its minimum", PID_LEVEL, sy_int(5), SY_REASON_RANGE},
      {"an integer at its maximum", PID_LEVEL, sy_int(100), SY_REASON_NONE},
      {"an integer above its maximum", PID_LEVEL, sy_int(105), SY_REASON_RANGE},
      {"an integer between two steps", PID_LEVEL, sy_int(12), SY_REASON_RANGE},
      {"a fraction for an integer", PID_LEVEL, sy_float(12.5), SY_REASON_INVALID},
      {"an integer without bounds", PID_OPEN, sy_int(-SY_MAX_INTEGER), SY_REASON_NONE},
      {"a float", PID_GAIN, sy_float(0.25), SY_REASON_NONE},
      {"an integer for a float", PID_GAIN, sy_int(2), SY_REASON_NONE},
      {"a float above its maximum", PID_GAIN, sy_float(2.75), SY_REASON_RANGE},
      {"a float below its minimum", PID_GAIN, sy_int(-1), SY_REASON_RANGE},
      {"text for a float", PID_GAIN, sy_string("1"), SY_REASON_INVALID},
      {"the last choice", PID_MODE, sy_int(2), SY_REASON_NONE},
      {"a choice too many", PID_MODE, sy_int(3), SY_REASON_RANGE},
      {"a choice below zero", PID_MODE, sy_int(-1), SY_REASON_RANGE},
      {"a name for a choice", PID_MODE, sy_string("eco"), SY_REASON_INVALID},
      {"text", PID_NAME, sy_string(""), SY_REASON_NONE},
      {"bytes for text", PID_NAME, bytes(1), SY_REASON_INVALID},
      {"bytes", PID_BLOB, bytes(0), SY_REASON_NONE},
      {"text for bytes", PID_BLOB, sy_string("x"), SY_REASON_INVALID},
      {"three bytes of colour", PID_COLOUR, bytes(3), SY_REASON_NONE},
      {"four bytes of colour", PID_COLOUR, bytes(4), SY_REASON_INVALID},
      {"the index of an event", PID_BUTTON, sy_int(1), SY_REASON_NONE},
      {"an event that has no such name", PID_BUTTON, sy_int(2), SY_REASON_RANGE},
      {"true for an event with names", PID_BUTTON, sy_bool(true), SY_REASON_INVALID},
      {"true for an event without names", PID_RING, sy_bool(true), SY_REASON_NONE},
      {"less than the minimum of an event without names", PID_RING, sy_int(0), SY_REASON_NONE},
      {"more than the maximum of an event without names", PID_RING, sy_float(5.5), SY_REASON_NONE},
      {"nothing for an event", PID_RING, sy_null(), SY_REASON_INVALID},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct sy_property *property = sy_find_property(&test_device, cases[i].pid);
    struct sy_verdict verdict = sy_judge_value(property, &cases[i].value);
    tap_ok(verdict.code == cases[i].code && (verdict.reason == NULL) == (verdict.code == SY_REASON_NONE),
           "values: %s: %u", cases[i].what, (unsigned)cases[i].code);
  }
}
