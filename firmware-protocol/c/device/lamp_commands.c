#include <string.h>

#include "lamp_parts.h"

static void acknowledge(struct lamp *lamp, const struct sy_kept *kept, int64_t now, struct effects *effects) {
  struct sy_heading heading = sy_session_heading(&lamp->session, now);
  size_t size;
  size_t length;
  uint8_t *room = payload_room(effects, &size);
  if (sy_encode_kept(kept, &heading, room, size, &length) == SY_OK) add_publication(effects, SY_UP_ACK, length);
}

/** Remembers what is to be said of a command, and says it. */
static void tell(struct lamp *lamp, const struct sy_result *result, int64_t now, struct effects *effects) {
  if (sy_remember(&lamp->memory, result) != SY_OK) return;
  acknowledge(lamp, sy_recall(&lamp->memory, result->id), now, effects);
}

static void reject(struct lamp *lamp, const uint8_t *id, uint8_t code, const char *reason, int64_t now,
                   struct effects *effects) {
  struct sy_result result = {
      .ver = SY_SET(lamp->ver), .id = id, .code = SY_SET(code), .msg = {reason, strlen(reason)}, .st = SY_REJECTED};
  tell(lamp, &result, now, effects);
}

/** Says of each property that was written how it is now (SPEC.md 11.7). */
static void write_properties(struct lamp *lamp, const struct sy_cmd *command, int64_t now, struct effects *effects) {
  bool on = lamp->on;
  uint8_t brightness = lamp->brightness;
  struct sy_values values = command->vals;
  struct sy_entry written[2];
  size_t count = 0;
  uint8_t pid;
  struct sy_value value;
  while (count < 2 && sy_next_value(&values, &pid, &value)) {
    if (pid == LAMP_ON) on = value.as.boolean;
    if (pid == LAMP_BRIGHTNESS) brightness = (uint8_t)value.as.integer;
    written[count].pid = pid;
    written[count].value = value;
    count++;
  }
  bool changed = lamp_set_light(lamp, on, brightness, effects);
  struct sy_result done = {
      .vals = {written, count}, .ver = SY_SET(lamp->ver), .id = command->id, .st = SY_DONE};
  tell(lamp, &done, now, effects);
  if (changed) lamp_report(lamp, now, effects);
}

static void begin_identify(struct lamp *lamp, const struct sy_cmd *command, int64_t now, struct effects *effects) {
  memcpy(lamp->identify_id, command->id, sizeof lamp->identify_id);
  lamp->identifies_until = now + LAMP_IDENTIFY_MS;
  add_effect(effects, EFFECT_LIGHT);
  struct sy_result accepted = {.ver = SY_SET(lamp->ver), .id = command->id, .st = SY_ACCEPTED};
  tell(lamp, &accepted, now, effects);
}

void lamp_command(struct lamp *lamp, const struct sy_cmd *command, int64_t now, struct effects *effects) {
  const struct sy_kept *told = sy_recall(&lamp->memory, command->id);
  if (told != NULL) {
    acknowledge(lamp, told, now, effects);
    return;
  }
  const struct sy_circumstances circumstances = {
      &lamp_description, lamp->ver, lamp->session.knows_time, sy_session_time(&lamp->session, now)};
  struct sy_verdict verdict = sy_judge_command(command, &circumstances);
  if (verdict.code != SY_REASON_NONE) {
    reject(lamp, command->id, verdict.code, verdict.reason, now, effects);
  } else if (command->has_vals) {
    write_properties(lamp, command, now, effects);
  } else if (lamp->memory.runs) {
    reject(lamp, command->id, SY_REASON_BUSY, "the lamp is identifying itself", now, effects);
  } else {
    begin_identify(lamp, command, now, effects);
  }
}

void lamp_end_command(struct lamp *lamp, struct sy_result result, int64_t now, struct effects *effects) {
  if (!lamp->memory.runs) return;
  result.id = lamp->identify_id;
  result.ver.set = true;
  result.ver.value = lamp->ver;
  add_effect(effects, EFFECT_LIGHT);
  if (lamp->connected) {
    tell(lamp, &result, now, effects);
  } else {
    lamp->owes_result = sy_remember(&lamp->memory, &result) == SY_OK;
  }
}

void lamp_tell_owed(struct lamp *lamp, int64_t now, struct effects *effects) {
  if (!lamp->owes_result) return;
  lamp->owes_result = false;
  const struct sy_kept *owed = sy_recall(&lamp->memory, lamp->identify_id);
  if (owed != NULL) acknowledge(lamp, owed, now, effects);
}
