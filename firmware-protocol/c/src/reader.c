#include "reader.h"

#include "switchyard/limits.h"

struct sy_token sy_take_token(struct sy_reader *reader) {
  struct sy_token token;
  sy_read_token(reader->at, (size_t)(reader->end - reader->at), &token);
  reader->at += token.size;
  return token;
}

void sy_skip_item(struct sy_reader *reader) {
  for (uint64_t items = 1; items > 0; items--) {
    struct sy_token token = sy_take_token(reader);
    if (token.kind == SY_TOKEN_ARRAY) items += token.number;
    if (token.kind == SY_TOKEN_MAP) items += token.number * 2;
  }
}

/** An integral number is the same value as an integer and as a float, and beyond 2^53 it is none. */
static bool take_float(double real, struct sy_value *value) {
  const double beyond = (double)(SY_MAX_INTEGER + 1);
  if (real <= -beyond || real >= beyond) return false;
  int64_t integral = (int64_t)real;
  if ((double)integral == real) {
    *value = sy_int(integral);
  } else {
    value->kind = SY_FLOAT;
    value->as.real = real;
  }
  return true;
}

static bool value_of(const struct sy_token *token, struct sy_value *value) {
  switch (token->kind) {
    case SY_TOKEN_UNSIGNED:
      *value = sy_int((int64_t)token->number);
      return true;
    case SY_TOKEN_NEGATIVE:
      *value = sy_int(-1 - (int64_t)token->number);
      return true;
    case SY_TOKEN_FLOAT:
      return take_float(token->real, value);
    case SY_TOKEN_BOOL:
      *value = sy_bool(token->boolean);
      return true;
    case SY_TOKEN_NULL:
      *value = sy_null();
      return true;
    case SY_TOKEN_TEXT:
      value->kind = SY_STRING;
      value->as.text.at = (const char *)token->content;
      value->as.text.length = (size_t)token->number;
      return token->number <= SY_MAX_TEXT;
    case SY_TOKEN_BYTES:
      value->kind = SY_BYTES;
      value->as.bytes.at = token->content;
      value->as.bytes.length = (size_t)token->number;
      return true;
    case SY_TOKEN_ARRAY:
    case SY_TOKEN_MAP:
    case SY_TOKEN_FOREIGN:
      break;
  }
  return false;
}

bool sy_take_value(struct sy_reader *reader, struct sy_value *value) {
  const uint8_t *start = reader->at;
  struct sy_token token = sy_take_token(reader);
  if (value_of(&token, value)) return true;
  reader->at = start;
  return false;
}

bool sy_take_values(struct sy_reader *reader, struct sy_values *values) {
  const uint8_t *start = reader->at;
  struct sy_token head = sy_take_token(reader);
  if (head.kind != SY_TOKEN_MAP || head.number > SY_MAX_VALUES) {
    reader->at = start;
    return false;
  }
  values->at = reader->at;
  values->count = (uint8_t)head.number;
  for (uint64_t left = head.number; left > 0; left--) {
    struct sy_value value;
    start = reader->at;
    struct sy_token pid = sy_take_token(reader);
    if (pid.kind != SY_TOKEN_UNSIGNED || pid.number > UINT8_MAX) {
      reader->at = start;
      return false;
    }
    if (!sy_take_value(reader, &value)) return false;
  }
  values->end = reader->at;
  return true;
}

bool sy_take_arguments(struct sy_reader *reader, struct sy_values *arguments) {
  const uint8_t *start = reader->at;
  struct sy_token head = sy_take_token(reader);
  if (head.kind != SY_TOKEN_ARRAY || head.number > SY_MAX_ARGUMENTS) {
    reader->at = start;
    return false;
  }
  arguments->at = reader->at;
  arguments->count = (uint8_t)head.number;
  for (uint64_t left = head.number; left > 0; left--) {
    struct sy_value value;
    if (!sy_take_value(reader, &value)) return false;
  }
  arguments->end = reader->at;
  return true;
}

bool sy_next_argument(struct sy_values *arguments, struct sy_value *value) {
  if (arguments->count == 0) return false;
  struct sy_reader reader = {arguments->at, arguments->end};
  bool taken = sy_take_value(&reader, value);
  arguments->at = reader.at;
  arguments->count--;
  return taken;
}

bool sy_next_value(struct sy_values *values, uint8_t *pid, struct sy_value *value) {
  if (values->count == 0) return false;
  struct sy_reader reader = {values->at, values->end};
  *pid = (uint8_t)sy_take_token(&reader).number;
  values->at = reader.at;
  return sy_next_argument(values, value);
}
