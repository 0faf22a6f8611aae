#ifndef SY_RECORD_H
#define SY_RECORD_H

#include "reader.h"
#include "switchyard/code.h"
#include "switchyard/keys.h"
#include "switchyard/limits.h"

/**
 * A message that is being read, field by field in the order of their keys, which is the order in which they stand.
 * Every field that the message may have is to be asked for. The first error is kept, and nothing is read after it.
 */
struct sy_record {
  const uint8_t *start;
  struct sy_reader reader;
  /** Pairs to come. */
  uint64_t left;
  /** Whether a field that must be there was not, or the message as a whole breaks a rule. */
  bool lacks;
  enum sy_code code;
  /** Where it went wrong. */
  const uint8_t *wrong;
};

/** Checks the whole payload (SPEC.md, section 4), and that it is a map (5.1). */
void sy_record_open(struct sy_record *record, const uint8_t *payload, size_t length, struct sy_bounds bounds);

/** Finds the next field, if it is there: its value is then to be read from `record->reader`. */
bool sy_record_find(struct sy_record *record, enum sy_key key);

/** As `sy_record_find`, of a field that must be there (SPEC.md 5.3). */
bool sy_record_need(struct sy_record *record, enum sy_key key);

/** Notes that the value at this place is not what it should be. */
void sy_record_fail(struct sy_record *record, const uint8_t *at);

/** An integer that must be there, from 0 to `most`. */
int64_t sy_record_integer(struct sy_record *record, enum sy_key key, int64_t most);

/** An integer that may be there, from 0 to `most`. */
struct sy_optional sy_record_optional(struct sy_record *record, enum sy_key key, int64_t most);

/** Bytes that must be there, of a length within these bounds. */
struct sy_bytes sy_record_bytes(struct sy_record *record, enum sy_key key, size_t least, size_t most);

/** A text that must be there. */
struct sy_text sy_record_text(struct sy_record *record, enum sy_key key);

/** Values by property that are to be read at this place. */
void sy_record_values(struct sy_record *record, struct sy_values *values);

/** Arguments that are to be read at this place. */
void sy_record_arguments(struct sy_record *record, struct sy_values *arguments);

/** Looks at the keys that are left, and hands out the first error and where it was. */
enum sy_code sy_record_close(struct sy_record *record, size_t *offset);

#endif
