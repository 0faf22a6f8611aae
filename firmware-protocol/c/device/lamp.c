#include <string.h>

#include "lamp_parts.h"

void lamp_start(struct lamp *lamp, const struct lamp_saved *saved, const uint8_t dhash[8], uint32_t ver,
                int64_t interval, int64_t now) {
  memset(lamp, 0, sizeof *lamp);
  lamp->saved = *saved;
  sy_session_start(&lamp->session, saved->boot);
  memcpy(lamp->dhash, dhash, sizeof lamp->dhash);
  lamp->on = saved->power_on == LAMP_TURNS_ON || (saved->power_on == LAMP_AS_BEFORE && saved->on);
  lamp->brightness = saved->power_on == LAMP_AS_BEFORE ? saved->brightness : 100;
  lamp->ver = ver;
  lamp->interval = interval;
  lamp->sample_at = now;
}

size_t lamp_describe(uint8_t *buffer) {
  size_t length = 0;
  sy_encode_desc(&lamp_description, buffer, LAMP_MAX_SENT, &length);
  return length;
}

size_t lamp_will(struct lamp *lamp, uint8_t *buffer) {
  struct sy_status will = sy_session_will(&lamp->session);
  size_t length = 0;
  sy_encode_status(&will, buffer, LAMP_MAX_SENT, &length);
  return length;
}

static void publish_status(struct lamp *lamp, enum sy_status_st st, struct effects *effects) {
  struct sy_status status = sy_session_status(&lamp->session, st, lamp->dhash);
  size_t size;
  size_t length;
  uint8_t *room = payload_room(effects, &size);
  if (sy_encode_status(&status, room, size, &length) == SY_OK) add_publication(effects, SY_UP_STATUS, length);
}

static void publish_description(struct effects *effects) {
  size_t size;
  size_t length;
  uint8_t *room = payload_room(effects, &size);
  if (sy_encode_desc(&lamp_description, room, size, &length) == SY_OK) add_publication(effects, SY_UP_DESC, length);
}

void lamp_report(struct lamp *lamp, int64_t now, struct effects *effects) {
  if (!lamp->connected) return;
  const struct sy_entry entries[] = {
      {LAMP_ON, sy_bool(lamp->on)},
      {LAMP_BRIGHTNESS, sy_int(lamp->brightness)},
      {LAMP_POWER_ON, sy_int(lamp->saved.power_on)},
  };
  struct sy_state state = {
      .heading = sy_session_heading(&lamp->session, now),
      .vals = {entries, sizeof entries / sizeof *entries},
      .ver = lamp->ver,
      .dver = lamp->saved.dver,
      .errs = lamp->saved.err_count > 0 ? lamp->saved.errs : NULL,
      .err_count = lamp->saved.err_count,
  };
  size_t size;
  size_t length;
  uint8_t *room = payload_room(effects, &size);
  if (sy_encode_state(&state, room, size, &length) == SY_OK) add_publication(effects, SY_UP_STATE, length);
}

bool lamp_set_light(struct lamp *lamp, bool on, uint8_t brightness, struct effects *effects) {
  if (on == lamp->on && brightness == lamp->brightness) return false;
  lamp->on = on;
  lamp->brightness = brightness;
  lamp->ver++;
  add_effect(effects, EFFECT_LIGHT);
  lamp->saved.on = on;
  lamp->saved.brightness = brightness;
  if (lamp->saved.power_on == LAMP_AS_BEFORE) add_effect(effects, EFFECT_SAVE);
  return true;
}

void lamp_connected(struct lamp *lamp, int64_t now, struct effects *effects) {
  lamp->connected = true;
  publish_status(lamp, SY_ONLINE, effects);
  if (!lamp->described) publish_description(effects);
  lamp->described = true;
  lamp_report(lamp, now, effects);
  lamp_tell_owed(lamp, now, effects);
}

void lamp_disconnected(struct lamp *lamp) { lamp->connected = false; }

static void obey_control(struct lamp *lamp, const struct sy_ctl *control, int64_t now, struct effects *effects) {
  sy_session_tell_time(&lamp->session, control, now);
  if ((control->op & SY_RESEND_STATUS) != 0) publish_status(lamp, SY_ONLINE, effects);
  if ((control->op & SY_RESEND_DESC) != 0) publish_description(effects);
  if ((control->op & SY_RESEND_STATE) != 0) lamp_report(lamp, now, effects);
}

static void apply_desired(struct lamp *lamp, const struct sy_desired *document, int64_t now,
                          struct effects *effects) {
  struct lamp_saved *saved = &lamp->saved;
  if (!sy_is_newer(document, saved->dver)) return;
  saved->err_count = sy_judge_desired(&lamp_description, document, saved->errs);
  saved->dver.set = true;
  saved->dver.value = document->ver;
  struct sy_values values = document->vals;
  uint8_t pid;
  struct sy_value value;
  while (sy_next_value(&values, &pid, &value)) {
    bool fails = sy_failure_of(saved->errs, saved->err_count, pid) != SY_REASON_NONE;
    if (!fails && pid == LAMP_POWER_ON) saved->power_on = (enum lamp_power_on)value.as.integer;
  }
  // What was made of the document is part of the state, also where no value changed (SPEC.md 12.3).
  lamp->ver++;
  add_effect(effects, EFFECT_SAVE);
  lamp_report(lamp, now, effects);
}

void lamp_received(struct lamp *lamp, enum sy_down channel, const uint8_t *payload, size_t length, int64_t now,
                   struct effects *effects) {
  if (!lamp->connected || length > LAMP_MAX_RECEIVED) return;
  struct sy_cmd command;
  struct sy_ctl control;
  struct sy_desired document;
  switch (channel) {
    case SY_DOWN_CMD:
      if (sy_decode_cmd(payload, length, &command, NULL) == SY_OK) lamp_command(lamp, &command, now, effects);
      break;
    case SY_DOWN_CTL:
      if (sy_decode_ctl(payload, length, &control, NULL) == SY_OK) obey_control(lamp, &control, now, effects);
      break;
    case SY_DOWN_DESIRED:
      if (sy_decode_desired(payload, length, &document, NULL) == SY_OK) {
        apply_desired(lamp, &document, now, effects);
      }
      break;
    case SY_DOWN_BLK:
    case SY_DOWN_NONE:
      break;
  }
}

void lamp_pressed(struct lamp *lamp, enum lamp_press press, int64_t now, struct effects *effects) {
  bool changed = press == LAMP_SHORT_PRESS && lamp_set_light(lamp, !lamp->on, lamp->brightness, effects);
  if (!lamp->connected) return;
  const struct sy_entry entry = {LAMP_BUTTON, sy_int(press)};
  struct sy_event event = {.heading = sy_session_heading(&lamp->session, now), .vals = {&entry, 1}};
  size_t size;
  size_t length;
  uint8_t *room = payload_room(effects, &size);
  if (sy_encode_event(&event, room, size, &length) == SY_OK) add_publication(effects, SY_UP_EVENT, length);
  if (changed) lamp_report(lamp, now, effects);
}

int64_t lamp_due(const struct lamp *lamp) {
  bool sooner = lamp->memory.runs && lamp->identifies_until < lamp->sample_at;
  return sooner ? lamp->identifies_until : lamp->sample_at;
}

bool lamp_wants_reading(const struct lamp *lamp, int64_t now) { return lamp->connected && now >= lamp->sample_at; }

void lamp_tick(struct lamp *lamp, int64_t now, struct sy_optional temperature, struct effects *effects) {
  if (lamp->memory.runs && now >= lamp->identifies_until) {
    struct sy_result done = {.st = SY_DONE};
    lamp_end_command(lamp, done, now, effects);
  }
  if (now < lamp->sample_at) return;
  lamp->sample_at += (now - lamp->sample_at) / lamp->interval * lamp->interval + lamp->interval;
  if (!lamp->connected) return;
  const struct sy_entry entry = {LAMP_TEMPERATURE, temperature.set ? sy_int(temperature.value) : sy_null()};
  struct sy_tele tele = {.heading = sy_session_heading(&lamp->session, now), .vals = {&entry, 1}};
  size_t size;
  size_t length;
  uint8_t *room = payload_room(effects, &size);
  if (sy_encode_tele(&tele, room, size, &length) == SY_OK) add_publication(effects, SY_UP_TELE, length);
}

void lamp_leaving(struct lamp *lamp, int64_t now, struct effects *effects) {
  struct sy_result aborted = {
      .code = SY_SET(SY_REASON_ABORTED), .msg = SY_TEXT("the lamp was switched off"), .st = SY_FAILED};
  lamp_end_command(lamp, aborted, now, effects);
  if (lamp->connected) publish_status(lamp, SY_BYE, effects);
}
