#include "record.h"

#include "switchyard/profile.h"

static void fail(struct sy_record *record, enum sy_code code, const uint8_t *at) {
  record->code = code;
  record->wrong = at;
}

void sy_record_open(struct sy_record *record, const uint8_t *payload, size_t length, struct sy_bounds bounds) {
  size_t offset = 0;
  record->start = payload;
  record->left = 0;
  record->lacks = false;
  record->code = sy_check(payload, length, bounds, &offset);
  record->wrong = payload + offset;
  if (record->code != SY_OK) return;

  record->reader.at = payload;
  record->reader.end = payload + length;
  struct sy_token head = sy_take_token(&record->reader);
  if (head.kind == SY_TOKEN_MAP) {
    record->left = head.number;
  } else {
    fail(record, SY_NOT_A_MAP, payload);
  }
}

void sy_record_fail(struct sy_record *record, const uint8_t *at) { fail(record, SY_BAD_VALUE, at); }

/**
 * Looks for a key, and passes over those before it, which this message does not have: so they are refused below
 * `SY_KEY_FIRST_EXTENSION` and ignored from there on (SPEC.md 5.1, 5.2).
 */
static bool find(struct sy_record *record, uint64_t key) {
  while (record->code == SY_OK && record->left > 0) {
    struct sy_reader reader = record->reader;
    struct sy_token found = sy_take_token(&reader);
    if (found.kind != SY_TOKEN_UNSIGNED || found.number > UINT16_MAX) {
      fail(record, SY_BAD_KEY, record->reader.at);
    } else if (found.number > key) {
      return false;
    } else if (found.number < key && found.number < SY_KEY_FIRST_EXTENSION) {
      fail(record, SY_UNEXPECTED_KEY, record->reader.at);
    } else {
      record->reader = reader;
      record->left--;
      if (found.number == key) return true;
      sy_skip_item(&record->reader);
    }
  }
  return false;
}

bool sy_record_find(struct sy_record *record, enum sy_key key) { return find(record, (uint64_t)key); }

bool sy_record_need(struct sy_record *record, enum sy_key key) {
  if (sy_record_find(record, key)) return true;
  record->lacks = true;
  return false;
}

static int64_t take_integer(struct sy_record *record, int64_t most) {
  const uint8_t *at = record->reader.at;
  struct sy_token token = sy_take_token(&record->reader);
  if (token.kind == SY_TOKEN_UNSIGNED && token.number <= (uint64_t)most) return (int64_t)token.number;
  sy_record_fail(record, at);
  return 0;
}

int64_t sy_record_integer(struct sy_record *record, enum sy_key key, int64_t most) {
  return sy_record_need(record, key) ? take_integer(record, most) : 0;
}

struct sy_optional sy_record_optional(struct sy_record *record, enum sy_key key, int64_t most) {
  struct sy_optional optional = {false, 0};
  if (!sy_record_find(record, key)) return optional;
  optional.set = true;
  optional.value = take_integer(record, most);
  return optional;
}

/** Bytes or a text. */
static struct sy_bytes take_string(struct sy_record *record, enum sy_token_kind kind, size_t least, size_t most) {
  struct sy_bytes bytes = {NULL, 0};
  const uint8_t *at = record->reader.at;
  struct sy_token token = sy_take_token(&record->reader);
  if (token.kind == kind && token.number >= least && token.number <= most) {
    bytes.at = token.content;
    bytes.length = (size_t)token.number;
  } else {
    sy_record_fail(record, at);
  }
  return bytes;
}

struct sy_bytes sy_record_bytes(struct sy_record *record, enum sy_key key, size_t least, size_t most) {
  struct sy_bytes none = {NULL, 0};
  return sy_record_need(record, key) ? take_string(record, SY_TOKEN_BYTES, least, most) : none;
}

struct sy_text sy_record_text(struct sy_record *record, enum sy_key key) {
  struct sy_text text = {NULL, 0};
  if (!sy_record_need(record, key)) return text;
  struct sy_bytes content = take_string(record, SY_TOKEN_TEXT, 0, SY_MAX_TEXT);
  text.at = (const char *)content.at;
  text.length = content.length;
  return text;
}

void sy_record_values(struct sy_record *record, struct sy_values *values) {
  if (!sy_take_values(&record->reader, values)) sy_record_fail(record, record->reader.at);
}

void sy_record_arguments(struct sy_record *record, struct sy_values *arguments) {
  if (!sy_take_arguments(&record->reader, arguments)) sy_record_fail(record, record->reader.at);
}

enum sy_code sy_record_close(struct sy_record *record, size_t *offset) {
  find(record, UINT16_MAX + UINT64_C(1));
  if (record->code == SY_OK && record->lacks) sy_record_fail(record, record->start);
  if (offset != NULL) *offset = record->code == SY_OK ? 0 : (size_t)(record->wrong - record->start);
  return record->code;
}
