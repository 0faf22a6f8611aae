#include "switchyard/profile.h"

#include <string.h>

#include "token.h"
#include "utf8.h"

/** An array or map that is being read. */
struct level {
  bool is_map;
  /** Items to come, keys counted. */
  uint64_t left;
  /** Where the item begins that is being read. */
  const uint8_t *item;
  /** The key before it; NULL before the first. */
  const uint8_t *key;
  size_t key_size;
};

/** How long the first byte and its argument are in their shortest form (RFC 8949 §4.2.1). */
static size_t head_size(uint64_t number) {
  if (number < 24) return 1;
  if (number <= UINT8_MAX) return 2;
  if (number <= UINT16_MAX) return 3;
  return number <= UINT32_MAX ? 5 : 9;
}

static bool is_shortest(const struct sy_token *token) {
  bool has_content = token->kind == SY_TOKEN_BYTES || token->kind == SY_TOKEN_TEXT;
  return token->size - (has_content ? (size_t)token->number : 0) == head_size(token->number);
}

/** A finite number; of the two zeros only the one that an integer could be too. */
static bool is_plain(const struct sy_token *token, const uint8_t *at) {
  if (token->real != 0.0) return token->real - token->real == 0.0;
  return (at[1] & 0x80) == 0;
}

static enum sy_code judge(const struct sy_token *token, const uint8_t *at) {
  switch (token->kind) {
    case SY_TOKEN_UNSIGNED:
      return is_shortest(token) && token->number <= SY_MAX_INTEGER ? SY_OK : SY_BAD_CBOR;
    case SY_TOKEN_NEGATIVE:
      return is_shortest(token) && token->number < SY_MAX_INTEGER ? SY_OK : SY_BAD_CBOR;
    case SY_TOKEN_TEXT:
      if (!is_shortest(token)) return SY_BAD_CBOR;
      return sy_is_utf8(token->content, (size_t)token->number) ? SY_OK : SY_BAD_VALUE;
    case SY_TOKEN_BYTES:
    case SY_TOKEN_ARRAY:
    case SY_TOKEN_MAP:
      return is_shortest(token) ? SY_OK : SY_BAD_CBOR;
    case SY_TOKEN_FLOAT:
      return is_plain(token, at) ? SY_OK : SY_BAD_CBOR;
    case SY_TOKEN_BOOL:
    case SY_TOKEN_NULL:
      return SY_OK;
    case SY_TOKEN_FOREIGN:
      break;
  }
  return SY_BAD_CBOR;
}

/** Counts an item that is complete. False where it is a key that does not come after the one before it. */
static bool finish_item(struct level *level, const uint8_t *end) {
  bool is_key = level->is_map && level->left % 2 == 0;
  level->left--;
  if (!is_key) return true;
  size_t size = (size_t)(end - level->item);
  const uint8_t *before = level->key;
  size_t common = size < level->key_size ? size : level->key_size;
  level->key = level->item;
  level->key_size = size;
  // No encoding is the beginning of another, so that equal beginnings are equal keys.
  return before == NULL || memcmp(before, level->item, common) < 0;
}

enum sy_code sy_check(const uint8_t *payload, size_t length, struct sy_bounds bounds, size_t *offset) {
  struct level levels[SY_MAX_DEPTH];
  unsigned depth = 0;
  uint32_t items = 0;
  const uint8_t *at = payload;
  const uint8_t *end = payload + length;
  const uint8_t *wrong = payload;
  enum sy_code code = SY_OK;

  if (length == 0) code = SY_EMPTY;
  if (length > bounds.bytes) {
    code = SY_TOO_LARGE;
    wrong += bounds.bytes;
  }
  while (code == SY_OK) {
    struct sy_token token;
    wrong = at;
    if (depth > 0) levels[depth - 1].item = at;
    if (++items > bounds.items) {
      code = SY_TOO_MANY_ITEMS;
      break;
    }
    code = sy_read_token(at, (size_t)(end - at), &token) ? judge(&token, at) : SY_BAD_CBOR;
    if (code != SY_OK) break;
    at += token.size;
    if (token.kind == SY_TOKEN_ARRAY || token.kind == SY_TOKEN_MAP) {
      bool is_map = token.kind == SY_TOKEN_MAP;
      if (depth == SY_MAX_DEPTH) {
        code = SY_TOO_DEEP;
        break;
      }
      // Each item is one byte at least: what cannot be there need not be looked for.
      if (token.number > (uint64_t)(end - at) / (is_map ? 2 : 1)) {
        code = SY_BAD_CBOR;
        break;
      }
      levels[depth].is_map = is_map;
      levels[depth].left = is_map ? token.number * 2 : token.number;
      levels[depth].key = NULL;
      levels[depth].key_size = 0;
      depth++;
      if (token.number > 0) continue;
      depth--;
    }
    while (depth > 0) {
      struct level *level = &levels[depth - 1];
      if (!finish_item(level, at)) {
        wrong = level->item;
        code = SY_BAD_CBOR;
      }
      if (code != SY_OK || level->left > 0) break;
      depth--;
    }
    if (depth == 0) break;
  }
  if (code == SY_OK && at != end) {
    wrong = at;
    code = SY_BAD_CBOR;
  }
  if (offset != NULL) *offset = (size_t)(wrong - payload);
  return code;
}
