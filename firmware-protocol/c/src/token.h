#ifndef SY_TOKEN_H
#define SY_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What libcbor's streaming decoder finds at one place of a payload. */
enum sy_token_kind {
  SY_TOKEN_UNSIGNED,
  /** −1 − number. */
  SY_TOKEN_NEGATIVE,
  SY_TOKEN_BYTES,
  SY_TOKEN_TEXT,
  SY_TOKEN_ARRAY,
  SY_TOKEN_MAP,
  SY_TOKEN_FLOAT,
  SY_TOKEN_BOOL,
  SY_TOKEN_NULL,
  /** Tags, breaks, indefinite lengths, undefined: nothing that the profile has. */
  SY_TOKEN_FOREIGN
};

struct sy_token {
  enum sy_token_kind kind;
  /** The argument after the first byte: a number, a length in bytes, or how many items or pairs follow. */
  uint64_t number;
  double real;
  bool boolean;
  /** Of bytes and texts. */
  const uint8_t *content;
  /** How many bytes the token is long, contents of bytes and texts included. */
  size_t size;
};

/** Reads one token. False where there is no complete one. */
bool sy_read_token(const uint8_t *at, size_t left, struct sy_token *token);

#endif
