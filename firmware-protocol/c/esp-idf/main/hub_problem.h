#ifndef HUB_PROBLEM_H
#define HUB_PROBLEM_H

#include <stddef.h>

/** What is known of a connection that failed. All zero is nothing. */
struct hub_failure {
  const char *url;
  const char *device;
  /** Of CONNACK. */
  int return_code;
  /** Bits MBEDTLS_X509_BADCERT_… of the hub's certificate. */
  int certificate_flags;
  /** Of mbedtls. */
  int tls_code;
  /** errno of the socket. */
  int socket_error;
};

/** Writes one line that says what was wrong and what to do about it. */
void explain_hub_failure(const struct hub_failure *failure, char *text, size_t size);

#endif
