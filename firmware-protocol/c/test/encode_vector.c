#include "encode_vector.h"

#include <string.h>

#include "describe_vector.h"

typedef enum sy_code encode(const cJSON *message, uint8_t *buffer, size_t size, size_t *length);

static struct sy_heading heading_of(const cJSON *message) {
  struct sy_heading heading = {(uint32_t)integer_from_json(message, "boot"),
                               (uint32_t)integer_from_json(message, "seq"), integer_from_json(message, "t")};
  return heading;
}

static enum sy_code encode_status(const cJSON *message, uint8_t *buffer, size_t size, size_t *length) {
  struct sy_status status = {
      .boot = (uint32_t)integer_from_json(message, "boot"),
      .seq = optional_from_json(message, "seq"),
      .st = (enum sy_status_st)integer_from_json(message, "st"),
      .sess = (uint32_t)integer_from_json(message, "sess"),
      .dhash = bytes_from_json(message, "dhash"),
  };
  return sy_encode_status(&status, buffer, size, length);
}

static enum sy_code encode_state(const cJSON *message, uint8_t *buffer, size_t size, size_t *length) {
  struct sy_state state = {
      .heading = heading_of(message),
      .vals = entries_from_json(member(message, "vals")),
      .ver = (uint32_t)integer_from_json(message, "ver"),
      .dver = optional_from_json(message, "dver"),
  };
  const cJSON *errs = optional_member(message, "errs");
  if (errs != NULL) {
    struct sy_entries entries = entries_from_json(errs);
    struct sy_failure *failures = part((entries.count + 1) * sizeof *failures);
    for (size_t i = 0; i < entries.count; i++) {
      failures[i].pid = entries.at[i].pid;
      failures[i].code = (uint8_t)entries.at[i].value.as.integer;
    }
    state.errs = failures;
    state.err_count = entries.count;
  }
  return sy_encode_state(&state, buffer, size, length);
}

static enum sy_code encode_tele(const cJSON *message, uint8_t *buffer, size_t size, size_t *length) {
  struct sy_tele tele = {.heading = heading_of(message)};
  const cJSON *batch = optional_member(message, "batch");
  if (batch == NULL) {
    tele.vals = entries_from_json(member(message, "vals"));
  } else {
    tele.batch_count = (size_t)cJSON_GetArraySize(batch);
    struct sy_sample *sample = part(tele.batch_count * sizeof *sample);
    tele.batch = sample;
    for (const cJSON *json = batch->child; json != NULL; json = json->next, sample++) {
      sample->t = (int64_t)json->child->valuedouble;
      sample->vals = entries_from_json(json->child->next);
    }
  }
  return sy_encode_tele(&tele, buffer, size, length);
}

static enum sy_code encode_event(const cJSON *message, uint8_t *buffer, size_t size, size_t *length) {
  struct sy_event event = {heading_of(message), entries_from_json(member(message, "vals")),
                           text_from_json(message, "msg")};
  return sy_encode_event(&event, buffer, size, length);
}

static enum sy_code encode_ack(const cJSON *message, uint8_t *buffer, size_t size, size_t *length) {
  struct sy_ack ack = {
      .heading = heading_of(message),
      .result =
          {
              .ver = optional_from_json(message, "ver"),
              .id = bytes_from_json(message, "id"),
              .code = optional_from_json(message, "code"),
              .msg = text_from_json(message, "msg"),
              .st = (enum sy_ack_st)integer_from_json(message, "st"),
              .pct = optional_from_json(message, "pct"),
          },
  };
  const cJSON *vals = optional_member(message, "vals");
  if (vals != NULL) ack.result.vals = entries_from_json(vals);
  return sy_encode_ack(&ack, buffer, size, length);
}

static enum sy_code encode_blkreq(const cJSON *message, uint8_t *buffer, size_t size, size_t *length) {
  struct sy_blkreq blkreq = {(uint32_t)integer_from_json(message, "off"), (uint8_t)integer_from_json(message, "n"),
                             bytes_from_json(message, "img")};
  return sy_encode_blkreq(&blkreq, buffer, size, length);
}

static const struct {
  const char *type;
  encode *encode;
} encoders[] = {
    {"status", encode_status}, {"desc", encode_description}, {"state", encode_state},   {"tele", encode_tele},
    {"event", encode_event},   {"ack", encode_ack},          {"blkreq", encode_blkreq},
};

static encode *encoder_of(const char *type) {
  for (size_t i = 0; i < sizeof encoders / sizeof *encoders; i++) {
    if (strcmp(type, encoders[i].type) == 0) return encoders[i].encode;
  }
  return NULL;
}

bool is_sent(const char *type) { return encoder_of(type) != NULL; }

enum sy_code encode_vector(const char *type, const cJSON *message, uint8_t *buffer, size_t size, size_t *length) {
  return encoder_of(type)(message, buffer, size, length);
}
