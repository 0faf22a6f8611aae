#include <string.h>
#include <switchyard/memory.h>

#include "rules.h"

static const uint8_t *id_of(uint8_t n) {
  static uint8_t id[8];
  id[7] = n;
  return id;
}

static enum sy_code remember(struct sy_memory *memory, uint8_t n, enum sy_ack_st st) {
  struct sy_result result = {.id = id_of(n), .st = st};
  return sy_remember(memory, &result);
}

/** Whether what was kept is sent as the bytes that the result itself is sent as. */
static bool repeats(const struct sy_memory *memory, const struct sy_result *result) {
  const struct sy_kept *kept = sy_recall(memory, result->id);
  struct sy_ack ack = {{7, 8, 0}, *result};
  uint8_t again[300];
  uint8_t first[300];
  size_t again_length = 0;
  size_t first_length = 1;
  if (kept == NULL || sy_encode_kept(kept, &ack.heading, again, sizeof again, &again_length) != SY_OK) return false;
  if (sy_encode_ack(&ack, first, sizeof first, &first_length) != SY_OK) return false;
  return again_length == first_length && memcmp(again, first, first_length) == 0;
}

static void test_repetition(void) {
  struct sy_memory memory = {0};
  struct sy_entry entries[] = {{1, sy_bool(true)}, {2, sy_int(-300)}};
  struct sy_result done = {
      .vals = {entries, 2}, .ver = SY_SET(9), .id = id_of(1), .code = SY_SET(0), .msg = SY_TEXT("done"), .st = SY_DONE};
  sy_remember(&memory, &done);
  entries[0].value = sy_bool(false);
  struct sy_result as_told = done;
  const struct sy_entry told[] = {{1, sy_bool(true)}, {2, sy_int(-300)}};
  as_told.vals.at = told;
  tap_ok(repeats(&memory, &as_told), "memory: repeats what was told, not what is now");

  static const uint8_t blob[SY_KEPT_BYTES] = {0};
  struct sy_entry large = {1, {SY_BYTES, .as.bytes = {blob, sizeof blob}}};
  struct sy_result long_one = {.vals = {&large, 1}, .ver = SY_SET(9), .id = id_of(2), .st = SY_DONE};
  struct sy_result without_values = {.ver = SY_SET(9), .id = id_of(2), .st = SY_DONE};
  tap_ok(sy_remember(&memory, &long_one) == SY_OK && repeats(&memory, &without_values),
         "memory: keeps of a long answer that it was done");
}

void test_memory(void) {
  struct sy_memory memory = {0};
  tap_ok(sy_recall(&memory, id_of(0)) == NULL, "memory: knows nothing at first");
  for (uint8_t n = 0; n < SY_KEPT_RESULTS; n++) remember(&memory, n, SY_DONE);
  tap_ok(sy_recall(&memory, id_of(0)) != NULL, "memory: knows the latest 16");
  remember(&memory, SY_KEPT_RESULTS, SY_DONE);
  tap_ok(sy_recall(&memory, id_of(0)) == NULL, "memory: forgets the oldest for a 17th");
  tap_ok(sy_recall(&memory, id_of(1)) != NULL, "memory: and no other");

  remember(&memory, 100, SY_ACCEPTED);
  tap_ok(memory.runs && sy_recall(&memory, id_of(100)) != NULL, "memory: knows the command that goes on");
  tap_ok(sy_recall(&memory, id_of(1)) != NULL, "memory: which takes no place of those that are over");
  for (uint8_t n = 20; n < 40; n++) remember(&memory, n, SY_REJECTED);
  tap_ok(sy_recall(&memory, id_of(100)) != NULL, "memory: and is not pushed out by them");
  remember(&memory, 100, SY_DONE);
  tap_ok(!memory.runs && sy_recall(&memory, id_of(100)) != NULL, "memory: until it is one of them");
  tap_ok(remember(&memory, 101, (enum sy_ack_st)0) == SY_BAD_VALUE && sy_recall(&memory, id_of(101)) == NULL,
         "memory: keeps nothing that could not be sent");
  test_repetition();
}
