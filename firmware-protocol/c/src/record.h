#ifndef SY_RECORD_H
#define SY_RECORD_H

#include "reader.h"
#include "switchyard/code.h"
#include "switchyard/keys.h"
#include "switchyard/limits.h"

/**
 * A message that is being read, field by field in the order of their keys, which is the order in which they stand.
 * The first error is kept, and nothing is read after it.
 */
struct sy_record {
  const uint8_t *start;
  struct sy_reader reader;
  /** Pairs to come. */
  uint64_t left;
  enum sy_code code;
  /** Where it went wrong. */
  const uint8_t *wrong;
};

/** A set of keys below `SY_KEY_FIRST_EXTENSION`. */
#define SY_HAS(key) (UINT64_C(1) << (key))

/** Checks the whole payload, and the keys of the message. @param keys those that it may have */
void sy_record_open(struct sy_record *record, const uint8_t *payload, size_t length, struct sy_bounds bounds,
                    uint64_t keys);

/** Finds the next field, if it is there: its value is then to be read from `record->reader`. */
bool sy_record_find(struct sy_record *record, enum sy_key key);

/** Notes that the value at this place is not what it should be. */
void sy_record_fail(struct sy_record *record, const uint8_t *at);

/** An integer from 0 to `most` that must be there. */
int64_t sy_record_integer(struct sy_record *record, enum sy_key key, int64_t least, int64_t most);

/** An integer from 0 to `most` that may be there. */
struct sy_optional sy_record_optional(struct sy_record *record, enum sy_key key, int64_t most);

/** Bytes that must be there, of a length within these bounds. */
struct sy_bytes sy_record_bytes(struct sy_record *record, enum sy_key key, size_t least, size_t most);

/** A text that must be there. */
struct sy_text sy_record_text(struct sy_record *record, enum sy_key key);

/** The code of the first error, and where it was. */
enum sy_code sy_record_close(const struct sy_record *record, size_t *offset);

#endif
