#include "switchyard/session.h"

void sy_session_start(struct sy_session *session, uint32_t boot) {
  session->boot = boot;
  session->seq = 0;
  session->sess = 0;
  session->knows_time = false;
  session->ahead = 0;
}

struct sy_status sy_session_will(struct sy_session *session) {
  session->sess++;
  struct sy_status will = {.boot = session->boot, .st = SY_LOST, .sess = session->sess};
  return will;
}

struct sy_status sy_session_status(struct sy_session *session, enum sy_status_st st, const uint8_t *dhash) {
  session->seq++;
  struct sy_status status = {
      .boot = session->boot, .seq = SY_SET(session->seq), .st = st, .sess = session->sess, .dhash = dhash};
  return status;
}

struct sy_heading sy_session_heading(struct sy_session *session, int64_t now) {
  session->seq++;
  struct sy_heading heading = {session->boot, session->seq, sy_session_time(session, now)};
  return heading;
}

void sy_session_tell_time(struct sy_session *session, const struct sy_ctl *control, int64_t now) {
  if (control->t < SY_FIRST_UNIX_MS) return;
  session->ahead = control->t - now;
  session->knows_time = true;
}

int64_t sy_session_time(const struct sy_session *session, int64_t now) {
  return session->knows_time ? now + session->ahead : 0;
}
