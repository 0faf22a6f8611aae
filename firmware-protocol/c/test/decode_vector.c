#include "decode_vector.h"

#include <string.h>
#include <switchyard/receive.h>

static bool same_value(const struct sy_value *a, const struct sy_value *b) {
  if (a->kind != b->kind) return false;
  switch (a->kind) {
    case SY_NULL:
      return true;
    case SY_BOOL:
      return a->as.boolean == b->as.boolean;
    case SY_INT:
      return a->as.integer == b->as.integer;
    case SY_FLOAT:
      return a->as.real == b->as.real;
    case SY_STRING:
      return a->as.text.length == b->as.text.length && memcmp(a->as.text.at, b->as.text.at, b->as.text.length) == 0;
    case SY_BYTES:
      return a->as.bytes.length == b->as.bytes.length &&
             memcmp(a->as.bytes.at, b->as.bytes.at, b->as.bytes.length) == 0;
  }
  return false;
}

static bool same_values(struct sy_values values, const cJSON *json) {
  struct sy_entries expected = entries_from_json(json);
  uint8_t pid;
  struct sy_value value;
  for (size_t i = 0; i < expected.count; i++) {
    if (!sy_next_value(&values, &pid, &value)) return false;
    if (pid != expected.at[i].pid || !same_value(&value, &expected.at[i].value)) return false;
  }
  return !sy_next_value(&values, &pid, &value);
}

static bool same_arguments(struct sy_values arguments, const cJSON *list) {
  struct sy_value value;
  for (const cJSON *json = list == NULL ? NULL : list->child; json != NULL; json = json->next) {
    struct sy_value expected = value_from_json(json);
    if (!sy_next_argument(&arguments, &value) || !same_value(&value, &expected)) return false;
  }
  return !sy_next_argument(&arguments, &value);
}

static bool same_optional(struct sy_optional optional, const cJSON *message, const char *name) {
  struct sy_optional expected = optional_from_json(message, name);
  return optional.set == expected.set && optional.value == expected.value;
}

static bool same_bytes(const uint8_t *bytes, const cJSON *message, const char *name, size_t length) {
  return memcmp(bytes, bytes_from_json(message, name), length) == 0;
}

static bool same_text(struct sy_text text, const cJSON *message, const char *name) {
  struct sy_text expected = text_from_json(message, name);
  return text.length == expected.length && memcmp(text.at, expected.at, text.length) == 0;
}

static enum sy_code read_cmd(const uint8_t *payload, size_t length, const cJSON *message, bool *same) {
  struct sy_cmd cmd;
  enum sy_code code = sy_decode_cmd(payload, length, &cmd, NULL);
  if (code == SY_OK && message != NULL) {
    const cJSON *vals = optional_member(message, "vals");
    *same = cmd.has_vals == (vals != NULL) && (vals == NULL || same_values(cmd.vals, vals)) &&
            same_bytes(cmd.id, message, "id", 8) && cmd.exp == integer_from_json(message, "exp") &&
            same_optional(cmd.if_ver, message, "if") && same_optional(cmd.op, message, "op") &&
            same_arguments(cmd.args, optional_member(message, "args"));
  }
  return code;
}

static enum sy_code read_ctl(const uint8_t *payload, size_t length, const cJSON *message, bool *same) {
  struct sy_ctl ctl;
  enum sy_code code = sy_decode_ctl(payload, length, &ctl, NULL);
  if (code == SY_OK && message != NULL) {
    *same = ctl.t == integer_from_json(message, "t") && ctl.op == optional_from_json(message, "op").value;
  }
  return code;
}

static enum sy_code read_desired(const uint8_t *payload, size_t length, const cJSON *message, bool *same) {
  struct sy_desired desired;
  enum sy_code code = sy_decode_desired(payload, length, &desired, NULL);
  if (code == SY_OK && message != NULL) {
    *same = same_values(desired.vals, member(message, "vals")) && desired.ver == integer_from_json(message, "ver");
  }
  return code;
}

static enum sy_code read_blk(const uint8_t *payload, size_t length, const cJSON *message, bool *same) {
  struct sy_blk blk;
  enum sy_code code = sy_decode_blk(payload, length, &blk, NULL);
  if (code == SY_OK && message != NULL) {
    const char *data = member(member(message, "data"), "hex")->valuestring;
    *same = blk.data.length == strlen(data) / 2 && same_bytes(blk.data.at, message, "data", blk.data.length) &&
            blk.off == integer_from_json(message, "off") && same_bytes(blk.img, message, "img", 8);
  }
  return code;
}

static enum sy_code read_manifest(const uint8_t *payload, size_t length, const cJSON *message, bool *same) {
  struct sy_manifest manifest;
  enum sy_code code = sy_decode_manifest(payload, length, &manifest, NULL);
  if (code == SY_OK && message != NULL) {
    *same = same_bytes(manifest.digest, message, "data", 32) && manifest.size == integer_from_json(message, "n") &&
            same_text(manifest.model, message, "model") && same_text(manifest.fw, message, "fw") &&
            manifest.arb == integer_from_json(message, "arb");
  }
  return code;
}

typedef enum sy_code read(const uint8_t *payload, size_t length, const cJSON *message, bool *same);

static const struct {
  const char *type;
  read *read;
} readers[] = {
    {"cmd", read_cmd}, {"ctl", read_ctl},           {"desired", read_desired},
    {"blk", read_blk}, {"manifest", read_manifest},
};

static read *reader_of(const char *type) {
  for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
    if (strcmp(type, readers[i].type) == 0) return readers[i].read;
  }
  return NULL;
}

bool is_received(const char *type) { return reader_of(type) != NULL; }

enum sy_code decode_only(const char *type, const uint8_t *payload, size_t length) {
  return reader_of(type)(payload, length, NULL, NULL);
}

bool decodes_to(const char *type, const uint8_t *payload, size_t length, const cJSON *message) {
  bool same = false;
  return reader_of(type)(payload, length, message, &same) == SY_OK && same;
}
