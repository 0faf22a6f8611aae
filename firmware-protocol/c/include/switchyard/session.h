#ifndef SWITCHYARD_SESSION_H
#define SWITCHYARD_SESSION_H

#include "receive.h"
#include "send.h"

/**
 * What a device counts and knows of the time over one run (SPEC.md, sections 8 to 10). Owned by the caller, who passes
 * in its own clock: `now` is in ms and counts from anywhere, but never backwards.
 */
struct sy_session {
  /** Names this run of the device: a number that grew since the last run. */
  uint32_t boot;
  /** Of the message that was sent last. */
  uint32_t seq;
  /** Of the connection that was opened last. */
  uint32_t sess;
  bool knows_time;
  /** What is to be added to `now` for the hub's time. */
  int64_t ahead;
};

/** Begins a run. @param boot must differ from that of all runs before, and should be the next number */
void sy_session_start(struct sy_session *session, uint32_t boot);

/** Counts a new connection, and says what its will is. To be called before each attempt to connect. */
struct sy_status sy_session_will(struct sy_session *session);

/** A numbered status of this connection. @param dhash eight bytes that outlive the result, or NULL */
struct sy_status sy_session_status(struct sy_session *session, enum sy_status_st st, const uint8_t *dhash);

/** Numbers a message that is sent at once: a number that is skipped counts as a message lost. Wraps to 0. */
struct sy_heading sy_session_heading(struct sy_session *session, int64_t now);

/** Takes the hub's word for what time it is; a time that no message could carry is ignored. */
void sy_session_tell_time(struct sy_session *session, const struct sy_ctl *control, int64_t now);

/** The hub's time in Unix ms, or 0 ("on receipt") where it is not known. */
int64_t sy_session_time(const struct sy_session *session, int64_t now);

#endif
