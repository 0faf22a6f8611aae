#include <string.h>

#include "rules.h"

#define ID "\x48\x01\x02\x03\x04\x05\x06\x07\x08"
/** exp: 2^40, in nine bytes. */
#define EXP "\x0b\x1b\x00\x00\x01\x00\x00\x00\x00\x00"
#define DEADLINE (INT64_C(1) << 40)

/** A payload from a literal, which may hold zeros. */
#define PAYLOAD(literal) (const uint8_t *)(literal), sizeof(literal) - 1

static struct sy_circumstances well(void) {
  struct sy_circumstances circumstances = {&test_device, 7, true, DEADLINE};
  return circumstances;
}

static void expect(const char *what, const uint8_t *payload, size_t length,
                   const struct sy_circumstances *circumstances, uint8_t code) {
  struct sy_cmd command;
  bool decoded = sy_decode_cmd(payload, length, &command, NULL) == SY_OK;
  tap_ok(decoded && sy_judge_command(&command, circumstances).code == code, "commands: %s: %u", what, (unsigned)code);
}

void test_commands(void) {
  struct sy_circumstances now = well();
  struct sy_circumstances timeless = well();
  timeless.knows_time = false;
  struct sy_circumstances late = well();
  late.hub_time++;

#define SWITCH_ON "\xa3\x04\xa1\x01\xf5\x06" ID EXP
  expect("at the last moment", PAYLOAD(SWITCH_ON), &now, SY_REASON_NONE);
  expect("before the time is known", PAYLOAD(SWITCH_ON), &timeless, SY_REASON_UNAVAILABLE);
  expect("too late", PAYLOAD(SWITCH_ON), &late, SY_REASON_EXPIRED);
  expect("for this version", PAYLOAD("\xa4\x04\xa1\x01\xf5\x06" ID EXP "\x0c\x07"), &now, SY_REASON_NONE);
  expect("for another version", PAYLOAD("\xa4\x04\xa1\x01\xf5\x06" ID EXP "\x0c\x08"), &now, SY_REASON_PRECONDITION);
  expect("time goes before version", PAYLOAD("\xa4\x04\xa1\x01\xf5\x06" ID EXP "\x0c\x08"), &late,
         SY_REASON_EXPIRED);
  expect("version goes before contents", PAYLOAD("\xa4\x04\xa1\x18\x63\xf5\x06" ID EXP "\x0c\x08"), &now,
         SY_REASON_PRECONDITION);
  expect("unknown property", PAYLOAD("\xa3\x04\xa1\x18\x63\xf5\x06" ID EXP), &now, SY_REASON_NOT_FOUND);
  expect("wrong type", PAYLOAD("\xa3\x04\xa1\x01\x01\x06" ID EXP), &now, SY_REASON_INVALID);
  expect("out of range", PAYLOAD("\xa3\x04\xa1\x02\x18\x69\x06" ID EXP), &now, SY_REASON_RANGE);
  expect("one fault of two", PAYLOAD("\xa3\x04\xa2\x01\xf5\x02\x18\x69\x06" ID EXP), &now, SY_REASON_RANGE);
  expect("read-only", PAYLOAD("\xa3\x04\xa1\x0b\xf5\x06" ID EXP), &now, SY_REASON_INVALID);
  expect("persistent", PAYLOAD("\xa3\x04\xa1\x0a\x01\x06" ID EXP), &now, SY_REASON_INVALID);
  expect("null", PAYLOAD("\xa3\x04\xa1\x01\xf6\x06" ID EXP), &now, SY_REASON_INVALID);
  expect("an action", PAYLOAD("\xa3\x06" ID EXP "\x0d\x18\xf0"), &now, SY_REASON_NONE);
  expect("unknown action", PAYLOAD("\xa3\x06" ID EXP "\x0d\x02"), &now, SY_REASON_UNIMPLEMENTED);
  expect("its arguments", PAYLOAD("\xa4\x06" ID EXP "\x0d\x01\x0e\x82\x05\xf4"), &now, SY_REASON_NONE);
  expect("no arguments", PAYLOAD("\xa3\x06" ID EXP "\x0d\x01"), &now, SY_REASON_INVALID);
  expect("too many arguments", PAYLOAD("\xa4\x06" ID EXP "\x0d\x01\x0e\x83\x05\xf4\xf4"), &now, SY_REASON_INVALID);
  expect("null for an argument", PAYLOAD("\xa4\x06" ID EXP "\x0d\x01\x0e\x82\xf6\xf4"), &now, SY_REASON_INVALID);
  expect("argument of a wrong type", PAYLOAD("\xa4\x06" ID EXP "\x0d\x01\x0e\x82\x05\x00"), &now, SY_REASON_INVALID);
  expect("argument out of range", PAYLOAD("\xa4\x06" ID EXP "\x0d\x01\x0e\x82\x06\xf4"), &now, SY_REASON_RANGE);
}

void test_desired(void) {
  struct sy_failure errs[SY_MAX_VALUES];
  struct sy_desired document;
  const struct sy_optional none = {false, 0};
  const struct sy_optional second = SY_SET(2);
  const struct sy_optional third = SY_SET(3);

  // {1: true (not persistent), 10: 4, 11: true (read-only), 99: 0 (unknown)}, version 3
  sy_decode_desired(PAYLOAD("\xa2\x04\xa4\x01\xf5\x0a\x04\x0b\xf5\x18\x63\x00\x05\x03"), &document, NULL);
  tap_ok(sy_is_newer(&document, none), "desired: the first document is applied");
  tap_ok(sy_is_newer(&document, second), "desired: a newer document is applied");
  tap_ok(!sy_is_newer(&document, third), "desired: the same document is not applied again");

  size_t count = sy_judge_desired(&test_device, &document, errs);
  tap_ok(count == 3 && sy_failure_of(errs, count, PID_SWITCH) == SY_REASON_INVALID,
         "desired: what is not persistent is not applied");
  tap_ok(sy_failure_of(errs, count, PID_READ_ONLY) == SY_REASON_INVALID, "desired: what is read-only is not applied");
  tap_ok(sy_failure_of(errs, count, 99) == SY_REASON_NOT_FOUND, "desired: what is unknown is not applied");
  tap_ok(sy_failure_of(errs, count, PID_KEPT) == SY_REASON_NONE, "desired: what is right is applied");

  sy_decode_desired(PAYLOAD("\xa2\x04\xa1\x0a\x0a\x05\x04"), &document, NULL);
  count = sy_judge_desired(&test_device, &document, errs);
  tap_ok(count == 1 && sy_failure_of(errs, count, PID_KEPT) == SY_REASON_RANGE,
         "desired: what is out of range is not applied");

  sy_decode_desired(PAYLOAD("\xa2\x04\xa1\x0a\xf6\x05\x05"), &document, NULL);
  count = sy_judge_desired(&test_device, &document, errs);
  tap_ok(count == 1 && sy_failure_of(errs, count, PID_KEPT) == SY_REASON_INVALID, "desired: null is not applied");
}
