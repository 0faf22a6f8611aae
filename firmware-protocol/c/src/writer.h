#ifndef SY_WRITER_H
#define SY_WRITER_H

#include "switchyard/code.h"
#include "switchyard/description.h"
#include "switchyard/keys.h"
#include "switchyard/limits.h"
#include "switchyard/send.h"
#include "switchyard/value.h"

/**
 * Writes items with core deterministic encoding (RFC 8949 §4.2.1) into a caller's buffer. The first error is kept, and
 * nothing is written after it. Callers see to the order of the keys.
 */
struct sy_writer {
  uint8_t *start;
  uint8_t *at;
  size_t left;
  uint32_t items;
  enum sy_code code;
};

void sy_writer_open(struct sy_writer *writer, uint8_t *buffer, size_t size);

/** Hands out the first error, or SY_OK and how many bytes were written. */
enum sy_code sy_writer_close(const struct sy_writer *writer, struct sy_bounds bounds, size_t *length);

/** Notes that the message breaks a rule. */
void sy_writer_fail(struct sy_writer *writer);

/* Items. */

void sy_put_map(struct sy_writer *writer, size_t pairs);
void sy_put_array(struct sy_writer *writer, size_t items);
/** @param integer within ±(2^53 − 1) */
void sy_put_integer(struct sy_writer *writer, int64_t integer);
/** A finite number: as an integer where it is integral, or else as the shortest float that keeps it. */
void sy_put_real(struct sy_writer *writer, double real);
void sy_put_bytes(struct sy_writer *writer, const uint8_t *at, size_t length);
/** Well-formed UTF-8 of at most `SY_MAX_TEXT` bytes. */
void sy_put_text(struct sy_writer *writer, const struct sy_text *text);
void sy_put_value(struct sy_writer *writer, const struct sy_value *value);
/** A map of at most `SY_MAX_VALUES` values, by ascending ids, none of them twice. */
void sy_put_entries(struct sy_writer *writer, const struct sy_entries *entries);
/** A map of at most `SY_MAX_VALUES` codes, by ascending ids, none of them twice. */
void sy_put_failures(struct sy_writer *writer, const struct sy_failure *failures, size_t count);
/** Already encoded items. */
void sy_put_encoded(struct sy_writer *writer, const uint8_t *at, size_t length);

/* Fields: a key and what belongs to it. */

void sy_put_field(struct sy_writer *writer, enum sy_key key, int64_t integer);
/** Writes nothing where it is absent. */
void sy_put_optional(struct sy_writer *writer, enum sy_key key, struct sy_optional optional, int64_t least,
                     int64_t most);
/** Eight bytes. */
void sy_put_h8(struct sy_writer *writer, enum sy_key key, const uint8_t *bytes);
/** `boot`, `seq` and `t`. */
void sy_put_heading(struct sy_writer *writer, const struct sy_heading *heading);

#endif
