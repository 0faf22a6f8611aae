#include <math.h>
#include <string.h>

#include "rules.h"

static uint8_t buffer[20000];
static size_t length;
static const uint8_t id[8] = {1, 2, 3, 4, 5, 6, 7, 8};

static enum sy_code tele_of(const struct sy_entry *entries, size_t count) {
  struct sy_tele tele = {.heading = {1, 2, 0}, .vals = {entries, count}};
  return sy_encode_tele(&tele, buffer, sizeof buffer, &length);
}

static enum sy_code tele_of_value(struct sy_value value) {
  struct sy_entry entry = {1, value};
  return tele_of(&entry, 1);
}

static enum sy_code status_at(int64_t seq, int st) {
  struct sy_status status = {.boot = 1, .seq = SY_SET(seq), .st = (enum sy_status_st)st, .sess = 1};
  return sy_encode_status(&status, buffer, sizeof buffer, &length);
}

static enum sy_code describe(const struct sy_property *properties, size_t count) {
  struct sy_description description = {
      .proto = {1, 0}, .model = SY_TEXT("m"), .fw = SY_TEXT("1"), .props = properties, .prop_count = count};
  return sy_encode_desc(&description, buffer, sizeof buffer, &length);
}

static void test_values_sent(void) {
  static char long_text[SY_MAX_TEXT + 2];
  memset(long_text, 'x', SY_MAX_TEXT + 1);
  tap_ok(tele_of_value(sy_string(long_text)) == SY_BAD_VALUE, "encoders: refuse text of 257 bytes");
  tap_ok(tele_of_value(sy_string("\xed\xa0\x80")) == SY_BAD_VALUE, "encoders: refuse text that is not UTF-8");
  tap_ok(tele_of_value(sy_int(SY_MAX_INTEGER + 1)) == SY_BAD_VALUE, "encoders: refuse 2^53");
  tap_ok(tele_of_value(sy_int(-SY_MAX_INTEGER - 1)) == SY_BAD_VALUE, "encoders: refuse -2^53");
  tap_ok(tele_of_value(sy_float((double)NAN)) == SY_BAD_VALUE, "encoders: refuse NaN");
  tap_ok(tele_of_value(sy_float(HUGE_VAL)) == SY_BAD_VALUE, "encoders: refuse infinity");
  tap_ok(tele_of_value(sy_float(1e300)) == SY_BAD_VALUE, "encoders: refuse integral numbers beyond 2^53");
  bool encoded = tele_of_value(sy_float(-0.0)) == SY_OK;
  tap_ok(encoded && memcmp(buffer, "\xa4\x01\x01\x02\x02\x03\x00\x04\xa1\x01\x00", length) == 0,
         "encoders: send negative zero as the integer 0");
}

static void test_messages_sent(void) {
  const struct sy_entry twice[] = {{1, sy_int(1)}, {1, sy_int(2)}};
  tap_ok(tele_of(twice, 2) == SY_BAD_VALUE, "encoders: refuse a property twice");
  static struct sy_entry many[SY_MAX_VALUES + 1];
  for (size_t i = 0; i <= SY_MAX_VALUES; i++) many[i].pid = (uint8_t)i;
  tap_ok(tele_of(many, SY_MAX_VALUES) == SY_OK, "encoders: take 128 values");
  tap_ok(tele_of(many, SY_MAX_VALUES + 1) == SY_BAD_VALUE, "encoders: refuse 129 values");

  static uint8_t blob[5000];
  struct sy_value large = {SY_BYTES, .as.bytes = {blob, sizeof blob}};
  tap_ok(tele_of_value(large) == SY_TOO_LARGE, "encoders: refuse what no hub would take");
  static struct sy_sample samples[SY_MAX_BATCH];
  for (size_t i = 0; i < SY_MAX_BATCH; i++) samples[i].vals = (struct sy_entries){many, 4};
  struct sy_tele batch = {.heading = {1, 2, 0}, .batch = samples, .batch_count = SY_MAX_BATCH};
  tap_ok(sy_encode_tele(&batch, buffer, sizeof buffer, &length) == SY_TOO_MANY_ITEMS,
         "encoders: refuse more items than a hub takes");
  struct sy_tele future = {.heading = {1, 2, 1}};
  tap_ok(sy_encode_tele(&future, buffer, sizeof buffer, &length) == SY_BAD_VALUE,
         "encoders: refuse a time that is neither relative nor absolute");
  struct sy_event nothing = {.heading = {1, 2, 0}};
  tap_ok(sy_encode_event(&nothing, buffer, sizeof buffer, &length) == SY_BAD_VALUE,
         "encoders: refuse an event without values");

  tap_ok(status_at(INT64_C(0xffffffff), SY_BYE) == SY_OK, "encoders: take the last sequence number");
  tap_ok(status_at(INT64_C(0x100000000), SY_BYE) == SY_BAD_VALUE, "encoders: refuse a sequence number of 2^32");
  tap_ok(status_at(1, 5) == SY_BAD_VALUE, "encoders: refuse a status of 5");
  struct sy_ack ack = {.result = {.id = id, .st = (enum sy_ack_st)0}};
  tap_ok(sy_encode_ack(&ack, buffer, sizeof buffer, &length) == SY_BAD_VALUE, "encoders: refuse to acknowledge with 0");
  struct sy_ack nameless = {.result = {.st = SY_DONE}};
  tap_ok(sy_encode_ack(&nameless, buffer, sizeof buffer, &length) == SY_BAD_VALUE,
         "encoders: refuse to acknowledge without an id");
  struct sy_blkreq blocks = {0, 17, id};
  tap_ok(sy_encode_blkreq(&blocks, buffer, sizeof buffer, &length) == SY_BAD_VALUE,
         "encoders: refuse to ask for 17 blocks");
}

static void test_descriptions_sent(void) {
  const struct sy_property twice[] = {{.pid = 1, .key = SY_TEXT("a")}, {.pid = 1, .key = SY_TEXT("b")}};
  const struct sy_property unnamed = {.pid = 1, .key = SY_TEXT("a"), .type = SY_TYPE_ENUM};
  const struct sy_property keyless = {.pid = 1};
  const struct sy_property scaled = {.pid = 1, .key = SY_TEXT("a"), .scale = SY_SET(10)};
  tap_ok(describe(twice, 1) == SY_OK, "descriptions: take one property");
  tap_ok(describe(twice, 2) == SY_BAD_VALUE, "descriptions: refuse an id that is used twice");
  tap_ok(describe(twice, 0) == SY_BAD_VALUE, "descriptions: refuse no properties");
  tap_ok(describe(&unnamed, 1) == SY_BAD_VALUE, "descriptions: refuse an enum without names");
  const struct sy_action chooser = {.pid = 1, .key = SY_TEXT("b"), .params = &unnamed, .param_count = 1};
  struct sy_description choosing = test_device;
  choosing.acts = &chooser;
  choosing.act_count = 1;
  tap_ok(sy_encode_desc(&choosing, buffer, sizeof buffer, &length) == SY_BAD_VALUE,
         "descriptions: refuse an argument that is an enum without names");
  tap_ok(describe(&keyless, 1) == SY_BAD_VALUE, "descriptions: refuse a property without a key");
  tap_ok(describe(&scaled, 1) == SY_BAD_VALUE, "descriptions: refuse a scale of 10");
  tap_ok(sy_encode_desc(&test_device, buffer, sizeof buffer, &length) == SY_OK,
         "descriptions: the device of these tests has one");
}

void test_encoders(void) {
  test_values_sent();
  test_messages_sent();
  test_descriptions_sent();
}
