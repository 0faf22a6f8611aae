#ifndef LINK_PROBLEM_H
#define LINK_PROBLEM_H

#include <stddef.h>

/** What is known of a link that failed. */
struct link_failure {
  const char *url;
  const char *device;
  /** The return code of CONNACK where above 0, or else one of Paho's own. */
  int code;
  /** What Paho says; may be NULL. */
  const char *message;
  /** What OpenSSL says; empty where it says nothing. */
  const char *tls;
};

/** Writes one line that says what was wrong and what to do about it. */
void explain_failure(const struct link_failure *failure, char *text, size_t size);

#endif
