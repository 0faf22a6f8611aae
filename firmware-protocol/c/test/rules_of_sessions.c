#include <switchyard/session.h>

#include "rules.h"

void test_sessions(void) {
  struct sy_session session;
  sy_session_start(&session, 7);
  struct sy_status will = sy_session_will(&session);
  tap_ok(will.boot == 7 && will.sess == 1 && will.st == SY_LOST && !will.seq.set,
         "sessions: a will has the connection's number and none of its own");
  struct sy_status status = sy_session_status(&session, SY_ONLINE, NULL);
  tap_ok(status.sess == 1 && status.seq.set && status.seq.value == 1, "sessions: a status has both");
  sy_session_will(&session);
  tap_ok(sy_session_status(&session, SY_ONLINE, NULL).sess == 2, "sessions: each connection has the next number");

  struct sy_heading before = sy_session_heading(&session, 1000);
  tap_ok(before.boot == 7 && before.seq == 3 && before.t == 0, "sessions: time is 'on receipt' before it is known");
  struct sy_ctl senseless = {.t = SY_FIRST_UNIX_MS - 1};
  sy_session_tell_time(&session, &senseless, 1000);
  tap_ok(!session.knows_time, "sessions: a time that no message could carry is not believed");
  struct sy_ctl control = {.t = SY_FIRST_UNIX_MS};
  sy_session_tell_time(&session, &control, 1000);
  tap_ok(session.knows_time && sy_session_heading(&session, 1250).t == SY_FIRST_UNIX_MS + 250,
         "sessions: the hub's time goes on with the device's own clock");

  session.seq = UINT32_MAX;
  tap_ok(sy_session_heading(&session, 0).seq == 0, "sessions: after the last number comes 0");
}
