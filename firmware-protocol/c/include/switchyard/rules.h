#ifndef SWITCHYARD_RULES_H
#define SWITCHYARD_RULES_H

#include "description.h"
#include "receive.h"
#include "send.h"

/** Why not (SPEC.md 6.6): the numbers of google.rpc.Code that the protocol uses. A vendor's own start at 64. */
enum sy_reason {
  SY_REASON_NONE = 0,
  SY_REASON_UNKNOWN = 2,
  SY_REASON_INVALID = 3,
  SY_REASON_EXPIRED = 4,
  SY_REASON_NOT_FOUND = 5,
  SY_REASON_DENIED = 7,
  SY_REASON_BUSY = 8,
  SY_REASON_PRECONDITION = 9,
  SY_REASON_ABORTED = 10,
  SY_REASON_RANGE = 11,
  SY_REASON_UNIMPLEMENTED = 12,
  SY_REASON_INTERNAL = 13,
  SY_REASON_UNAVAILABLE = 14
};

/** What is wrong with a value or a command: nothing where `code` is SY_REASON_NONE. */
struct sy_verdict {
  uint8_t code;
  /** English, for people; a string that lives for ever. NULL where nothing is wrong. */
  const char *reason;
};

/**
 * Judges a value by its property (SPEC.md 11.4): SY_REASON_INVALID for a wrong type, SY_REASON_RANGE beyond its
 * bounds.
 */
struct sy_verdict sy_judge_value(const struct sy_property *property, const struct sy_value *value);

enum sy_write_path { SY_THROUGH_CMD, SY_THROUGH_DESIRED };

/**
 * Judges a value that somebody wants to write. Persistent properties are written through `dn/desired`, the others
 * through `dn/cmd` (SPEC.md 7.3). SY_REASON_NOT_FOUND where there is no such property.
 */
struct sy_verdict sy_judge_write(const struct sy_description *description, uint8_t pid, const struct sy_value *value,
                                 enum sy_write_path path);

/** What a device knows when a command arrives. */
struct sy_circumstances {
  const struct sy_description *description;
  /** Version of its state. */
  uint32_t ver;
  bool knows_time;
  /** The hub's time in Unix ms, where it is known. */
  int64_t hub_time;
};

/**
 * Whether a command that is not a repetition is to be run: it is not where the time is unknown
 * (SY_REASON_UNAVAILABLE), it has expired, it was made for another version of the state, or it is not for this device
 * (SPEC.md 11.3, 11.4).
 */
struct sy_verdict sy_judge_command(const struct sy_cmd *command, const struct sy_circumstances *circumstances);

/**
 * Finds what of a desired document cannot be applied; the rest is to be applied, and its `ver` is then reported as
 * `dver` together with `errs` (SPEC.md 12.2). To be called only for a document whose `ver` is above that of the one
 * applied last: see `sy_is_newer`.
 *
 * @param errs room for one entry per value: SY_MAX_VALUES is always enough
 * @return how many there are
 */
size_t sy_judge_desired(const struct sy_description *description, const struct sy_desired *document,
                        struct sy_failure *errs);

/** Whether a desired document is to be applied (SPEC.md 12.1), given the version of the one that was applied last. */
bool sy_is_newer(const struct sy_desired *document, struct sy_optional applied);

/** The reason why a property could not be applied, or SY_REASON_NONE. */
uint8_t sy_failure_of(const struct sy_failure *errs, size_t count, uint8_t pid);

#endif
