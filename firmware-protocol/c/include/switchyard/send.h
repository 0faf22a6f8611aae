#ifndef SWITCHYARD_SEND_H
#define SWITCHYARD_SEND_H

#include "code.h"
#include "limits.h"
#include "value.h"

/*
 * The messages that a device sends. Each encoder writes at most `size` bytes to `buffer` and their number to `length`.
 * It returns SY_OK; SY_NO_ROOM where the buffer is too short; SY_BAD_VALUE where the message breaks its own rules; or
 * SY_TOO_LARGE or SY_TOO_MANY_ITEMS where no receiver would take it. What is in the buffer then is not to be sent.
 */

/** What every numbered message begins with. */
struct sy_heading {
  uint32_t boot;
  uint32_t seq;
  /** Unix ms, or an offset in ms to the moment of receipt: zero or below. */
  int64_t t;
};

enum sy_status_st { SY_LOST = 0, SY_ONLINE = 1, SY_SLEEPING = 2, SY_UPDATING = 3, SY_BYE = 4 };

/** `up/status` (SPEC.md 6.1): QoS 1, retained; also the will, which has no `seq`. */
struct sy_status {
  uint32_t boot;
  struct sy_optional seq;
  enum sy_status_st st;
  /** Counts the connections of this boot. */
  uint32_t sess;
  /** First eight bytes of the SHA-256 of the payload of `up/desc`; NULL where absent. */
  const uint8_t *dhash;
};

enum sy_code sy_encode_status(const struct sy_status *message, uint8_t *buffer, size_t size, size_t *length);

/** A property, and why it does not have the value that was wanted: a code of `enum sy_reason`. */
struct sy_failure {
  uint8_t pid;
  uint8_t code;
};

/** `up/state` (SPEC.md 6.3): QoS 1, retained: all properties that are not sampled. */
struct sy_state {
  struct sy_heading heading;
  struct sy_entries vals;
  /** Grows with each change of what this message says. */
  uint32_t ver;
  /** Version of the desired document that was applied last. */
  struct sy_optional dver;
  /** What of it could not be applied; NULL where absent. */
  const struct sy_failure *errs;
  size_t err_count;
};

enum sy_code sy_encode_state(const struct sy_state *message, uint8_t *buffer, size_t size, size_t *length);

/** Readings of one moment. */
struct sy_sample {
  /** In ms, added to the `t` of the message. */
  int64_t t;
  struct sy_entries vals;
};

/** `up/tele` (SPEC.md 6.4): QoS 0, or 1 for a backlog; not retained: sampled properties. */
struct sy_tele {
  struct sy_heading heading;
  /** Readings of one moment, where there are no samples. */
  struct sy_entries vals;
  /** Readings of several moments, oldest first; NULL where `vals` are sent. */
  const struct sy_sample *batch;
  size_t batch_count;
};

enum sy_code sy_encode_tele(const struct sy_tele *message, uint8_t *buffer, size_t size, size_t *length);

/** `up/event` (SPEC.md 6.5): QoS 1, not retained: something happened. `vals` says what, and must not be empty. */
struct sy_event {
  struct sy_heading heading;
  struct sy_entries vals;
  struct sy_text msg;
};

enum sy_code sy_encode_event(const struct sy_event *message, uint8_t *buffer, size_t size, size_t *length);

enum sy_ack_st { SY_ACCEPTED = 1, SY_PROGRESS = 2, SY_DONE = 3, SY_FAILED = 4, SY_REJECTED = 5 };

/** What a device has to say on a command, whenever and however often it says it. */
struct sy_result {
  /** What the command set, as it is now. */
  struct sy_entries vals;
  /** Version of the state afterwards. */
  struct sy_optional ver;
  /** Eight bytes: the command's. */
  const uint8_t *id;
  /** A code of `enum sy_reason`, or 64 and above for a vendor's own. */
  struct sy_optional code;
  struct sy_text msg;
  enum sy_ack_st st;
  /** How far it has come, in percent. */
  struct sy_optional pct;
};

/** `up/ack` (SPEC.md 6.6): QoS 1, not retained: how far a command has come. */
struct sy_ack {
  struct sy_heading heading;
  struct sy_result result;
};

enum sy_code sy_encode_ack(const struct sy_ack *message, uint8_t *buffer, size_t size, size_t *length);

/** `up/blk` (SPEC.md 6.10): QoS 1, not retained: asks for `n` blocks of a firmware image. */
struct sy_blkreq {
  /** Where in the image the first block begins, in bytes. */
  uint32_t off;
  /** 1 to 16. */
  uint8_t n;
  /** Eight bytes: the first of the image's SHA-256. */
  const uint8_t *img;
};

enum sy_code sy_encode_blkreq(const struct sy_blkreq *message, uint8_t *buffer, size_t size, size_t *length);

#endif
