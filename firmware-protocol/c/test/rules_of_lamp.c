#include <backoff.h>
#include <lamp.h>
#include <string.h>

#include "rules.h"

#define ID(n) "\x06\x48\x00\x00\x00\x00\x00\x00\x00" n
/** exp: one second after the time that `ctl` tells. */
#define EXP "\x0b\x1b\x00\x00\x01\x00\x00\x00\x03\xe8"
#define RECEIVE(channel, literal, now) receive(channel, (const uint8_t *)(literal), sizeof(literal) - 1, now)

static struct lamp lamp;
static struct effects effects;

static void receive(enum sy_down channel, const uint8_t *payload, size_t length, int64_t now) {
  memset(&effects, 0, sizeof effects);
  lamp_received(&lamp, channel, payload, length, now, &effects);
}

static size_t publications(enum sy_up channel) {
  size_t count = 0;
  for (size_t i = 0; i < effects.count; i++) {
    if (effects.list[i].kind == EFFECT_PUBLISH && effects.list[i].channel == channel) count++;
  }
  return count;
}

static bool saves(void) {
  for (size_t i = 0; i < effects.count; i++) {
    if (effects.list[i].kind == EFFECT_SAVE) return true;
  }
  return false;
}

/** Whether an acknowledgement with this end (of `st`, and `pct` where there is one) is among the effects. */
static bool acknowledges(enum sy_ack_st st) {
  for (size_t i = 0; i < effects.count; i++) {
    const struct effect *effect = &effects.list[i];
    if (effect->kind != EFFECT_PUBLISH || effect->channel != SY_UP_ACK) continue;
    if (effect->payload[effect->length - 2] == 0x0a && effect->payload[effect->length - 1] == (uint8_t)st) return true;
  }
  return false;
}

static void power_on(const struct lamp_saved *saved) {
  const uint8_t dhash[8] = {0};
  lamp_start(&lamp, saved, dhash, UINT32_MAX, 1000, 0);
  memset(&effects, 0, sizeof effects);
  lamp_connected(&lamp, 0, &effects);
}

static void tick(int64_t now) {
  const struct sy_optional none = {false, 0};
  memset(&effects, 0, sizeof effects);
  lamp_tick(&lamp, now, none, &effects);
}

static void test_birth(void) {
  const struct lamp_saved first = {.boot = 7};
  power_on(&first);
  tap_ok(effects.count == 3 && effects.list[0].channel == SY_UP_STATUS && effects.list[1].channel == SY_UP_DESC &&
             effects.list[2].channel == SY_UP_STATE,
         "lamp: says status, description and state, in this order");
  lamp_disconnected(&lamp);
  memset(&effects, 0, sizeof effects);
  lamp_connected(&lamp, 0, &effects);
  tap_ok(effects.count == 2 && publications(SY_UP_DESC) == 0, "lamp: describes itself once in a boot");
  RECEIVE(SY_DOWN_CTL, "\xa2\x03\x1b\x00\x00\x01\x00\x00\x00\x00\x00\x0d\x07", 0);
  tap_ok(publications(SY_UP_DESC) == 1 && publications(SY_UP_STATUS) == 1 && publications(SY_UP_STATE) == 1,
         "lamp: and whenever it is asked");
}

static void test_commands_of_lamp(void) {
  RECEIVE(SY_DOWN_CMD, "\xa3\x04\xa2\x01\xf5\x02\x18\x28" ID("\x01") EXP, 0);
  tap_ok(lamp.ver == 0, "lamp: counts versions beyond the last one from 0 again");
  tap_ok(lamp.on && lamp.brightness == 40 && acknowledges(SY_DONE) && publications(SY_UP_STATE) == 1,
         "lamp: is switched");
  uint32_t ver = lamp.ver;
  RECEIVE(SY_DOWN_CMD, "\xa3\x04\xa2\x01\xf4\x02\x18\x28" ID("\x01") EXP, 0);
  tap_ok(lamp.on && lamp.ver == ver && acknowledges(SY_DONE) && publications(SY_UP_STATE) == 0,
         "lamp: answers a repeated command, and does not run it");
  RECEIVE(SY_DOWN_CMD, "\xa3\x04\xa2\x01\xf4\x02\x18\x65" ID("\x02") EXP, 0);
  tap_ok(lamp.on && acknowledges(SY_REJECTED), "lamp: does nothing of a command that is wrong in part");
  RECEIVE(SY_DOWN_CMD, "\xa3\x04\xa1\x01\xf4" ID("\x03") EXP, 1001);
  tap_ok(lamp.on && acknowledges(SY_REJECTED), "lamp: does not run a command that is too late");
  RECEIVE(SY_DOWN_CMD, "\xa3\x04\xa1\x01\xf4" ID("\x04"), 0);
  tap_ok(lamp.on && effects.count == 0, "lamp: says nothing to what it cannot decode");
}

static void test_identify(void) {
  RECEIVE(SY_DOWN_CMD, "\xa3" ID("\x05") EXP "\x0d\x18\xf0", 0);
  tap_ok(acknowledges(SY_ACCEPTED), "lamp: accepts to identify itself");
  RECEIVE(SY_DOWN_CMD, "\xa3" ID("\x05") EXP "\x0d\x18\xf0", 1);
  tap_ok(acknowledges(SY_ACCEPTED), "lamp: answers a repeated command that goes on");
  RECEIVE(SY_DOWN_CMD, "\xa3" ID("\x06") EXP "\x0d\x18\xf0", 1);
  tap_ok(acknowledges(SY_REJECTED), "lamp: is busy meanwhile");
  lamp_disconnected(&lamp);
  tick(LAMP_IDENTIFY_MS);
  tap_ok(publications(SY_UP_ACK) == 0 && publications(SY_UP_TELE) == 0, "lamp: sends nothing without a link");
  uint32_t seq = lamp.session.seq;
  memset(&effects, 0, sizeof effects);
  lamp_connected(&lamp, LAMP_IDENTIFY_MS, &effects);
  tap_ok(acknowledges(SY_DONE), "lamp: says how a command ended once there is a link again");
  tap_ok(lamp.session.seq == seq + 3, "lamp: and numbers only what it sends");
}

static void test_broken_link(void) {
  uint32_t ver = lamp.ver;
  uint32_t seq = lamp.session.seq;
  lamp_disconnected(&lamp);
  RECEIVE(SY_DOWN_CMD, "\xa3\x04\xa1\x02\x0b" ID("\x08") EXP, 0);
  tap_ok(effects.count == 0 && lamp.brightness != 11 && lamp.ver == ver && lamp.session.seq == seq,
         "lamp: does nothing of what was left over by a link that broke");
  memset(&effects, 0, sizeof effects);
  lamp_connected(&lamp, 0, &effects);
  RECEIVE(SY_DOWN_CMD, "\xa3\x04\xa1\x02\x0b" ID("\x08") EXP, 0);
  tap_ok(acknowledges(SY_DONE) && lamp.brightness == 11, "lamp: and obeys it when it comes again");
}

static void test_result_forgotten(void) {
  RECEIVE(SY_DOWN_CMD, "\xa3" ID("\x09") EXP "\x0d\x18\xf0", 0);
  lamp_disconnected(&lamp);
  tick(LAMP_IDENTIFY_MS);
  for (uint8_t i = 0; i < SY_KEPT_RESULTS; i++) {
    const uint8_t id[8] = {1, i};
    const struct sy_result other = {.id = id, .st = SY_DONE};
    sy_remember(&lamp.memory, &other);
  }
  memset(&effects, 0, sizeof effects);
  lamp_connected(&lamp, LAMP_IDENTIFY_MS, &effects);
  tap_ok(publications(SY_UP_STATUS) == 1 && publications(SY_UP_STATE) == 1 && publications(SY_UP_ACK) == 0,
         "lamp: says nothing of a command whose end it has forgotten");
}

static void test_settings(void) {
  RECEIVE(SY_DOWN_DESIRED, "\xa2\x04\xa2\x01\xf5\x04\x02\x05\x09", 0);
  tap_ok(saves() && effects.list[0].kind == EFFECT_SAVE && lamp.saved.power_on == LAMP_AS_BEFORE &&
             lamp.saved.err_count == 1 && lamp.saved.errs[0].pid == LAMP_ON,
         "lamp: applies what is right of a desired document, and keeps it before it says so");
  RECEIVE(SY_DOWN_DESIRED, "\xa2\x04\xa1\x04\x00\x05\x09", 0);
  tap_ok(effects.count == 0 && lamp.saved.power_on == LAMP_AS_BEFORE, "lamp: applies no document twice");
  RECEIVE(SY_DOWN_DESIRED, "\xa2\x04\xa1\x04\x00\x05\x08", 0);
  tap_ok(effects.count == 0, "lamp: and none that is older");

  RECEIVE(SY_DOWN_CMD, "\xa3\x04\xa2\x01\xf5\x02\x07" ID("\x07") EXP, 0);
  struct lamp_saved saved = lamp.saved;
  power_on(&saved);
  tap_ok(lamp.on && lamp.brightness == 7, "lamp: is as before after a restart, where that is wanted");
  tap_ok(!lamp.session.knows_time, "lamp: and knows no time");
}

static void test_backoff(void) {
  tap_ok(backoff(0, 0) == 0 && backoff(0, UINT32_MAX) == 999, "backoff: at first less than a second");
  tap_ok(backoff(3, UINT32_MAX) == 7999, "backoff: doubles with each failure");
  tap_ok(backoff(1000, UINT32_MAX) == 29999, "backoff: at last less than half a minute");
}

void test_lamp(void) {
  test_backoff();
  test_birth();
  test_commands_of_lamp();
  test_identify();
  test_broken_link();
  test_result_forgotten();
  test_settings();
  memset(&effects, 0, sizeof effects);
  lamp_leaving(&lamp, 0, &effects);
  tap_ok(effects.count == 1 && publications(SY_UP_STATUS) == 1, "lamp: says good-bye");
}
