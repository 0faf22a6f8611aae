#include "record.h"

#include "switchyard/profile.h"

static enum sy_code judge_key(const struct sy_token *key, uint64_t keys) {
  if (key->kind != SY_TOKEN_UNSIGNED || key->number > UINT16_MAX) return SY_BAD_KEY;
  if (key->number >= SY_KEY_FIRST_EXTENSION) return SY_OK;
  return (keys >> key->number) & 1 ? SY_OK : SY_UNEXPECTED_KEY;
}

void sy_record_open(struct sy_record *record, const uint8_t *payload, size_t length, struct sy_bounds bounds,
                    uint64_t keys) {
  size_t offset = 0;
  record->start = payload;
  record->code = sy_check(payload, length, bounds, &offset);
  record->wrong = payload + offset;
  if (record->code != SY_OK) return;

  record->reader.at = payload;
  record->reader.end = payload + length;
  struct sy_token head = sy_take_token(&record->reader);
  if (head.kind != SY_TOKEN_MAP) {
    record->code = SY_NOT_A_MAP;
    return;
  }
  record->left = head.number;
  struct sy_reader ahead = record->reader;
  for (uint64_t left = head.number; left > 0; left--) {
    record->wrong = ahead.at;
    struct sy_reader key = ahead;
    sy_skip_item(&ahead);
    struct sy_token token = sy_take_token(&key);
    record->code = judge_key(&token, keys);
    if (record->code != SY_OK) return;
    sy_skip_item(&ahead);
  }
}

void sy_record_fail(struct sy_record *record, const uint8_t *at) {
  record->code = SY_BAD_VALUE;
  record->wrong = at;
}

bool sy_record_find(struct sy_record *record, enum sy_key key) {
  while (record->code == SY_OK && record->left > 0) {
    struct sy_reader reader = record->reader;
    uint64_t found = sy_take_token(&reader).number;
    if (found > (uint64_t)key) return false;
    record->reader = reader;
    record->left--;
    if (found == (uint64_t)key) return true;
    sy_skip_item(&record->reader);
  }
  return false;
}

/** A field that must be there, or else the whole message is wrong. */
static bool find_required(struct sy_record *record, enum sy_key key) {
  if (sy_record_find(record, key)) return true;
  if (record->code == SY_OK) sy_record_fail(record, record->start);
  return false;
}

static int64_t take_integer(struct sy_record *record, int64_t least, int64_t most) {
  const uint8_t *at = record->reader.at;
  struct sy_token token = sy_take_token(&record->reader);
  int64_t integer = (int64_t)token.number;
  if (token.kind == SY_TOKEN_UNSIGNED && integer >= least && integer <= most) return integer;
  sy_record_fail(record, at);
  return 0;
}

int64_t sy_record_integer(struct sy_record *record, enum sy_key key, int64_t least, int64_t most) {
  return find_required(record, key) ? take_integer(record, least, most) : 0;
}

struct sy_optional sy_record_optional(struct sy_record *record, enum sy_key key, int64_t most) {
  struct sy_optional optional = {false, 0};
  if (!sy_record_find(record, key)) return optional;
  optional.set = true;
  optional.value = take_integer(record, 0, most);
  return optional;
}

struct sy_bytes sy_record_bytes(struct sy_record *record, enum sy_key key, size_t least, size_t most) {
  struct sy_bytes bytes = {NULL, 0};
  if (!find_required(record, key)) return bytes;
  const uint8_t *at = record->reader.at;
  struct sy_token token = sy_take_token(&record->reader);
  if (token.kind == SY_TOKEN_BYTES && token.number >= least && token.number <= most) {
    bytes.at = token.content;
    bytes.length = (size_t)token.number;
  } else {
    sy_record_fail(record, at);
  }
  return bytes;
}

struct sy_text sy_record_text(struct sy_record *record, enum sy_key key) {
  struct sy_text text = {NULL, 0};
  if (!find_required(record, key)) return text;
  const uint8_t *at = record->reader.at;
  struct sy_token token = sy_take_token(&record->reader);
  if (token.kind == SY_TOKEN_TEXT && token.number <= SY_MAX_TEXT) {
    text.at = (const char *)token.content;
    text.length = (size_t)token.number;
  } else {
    sy_record_fail(record, at);
  }
  return text;
}

enum sy_code sy_record_close(const struct sy_record *record, size_t *offset) {
  if (offset != NULL) *offset = record->code == SY_OK ? 0 : (size_t)(record->wrong - record->start);
  return record->code;
}
