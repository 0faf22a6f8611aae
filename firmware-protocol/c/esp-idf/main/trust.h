#ifndef TRUST_H
#define TRUST_H

#include <esp_err.h>

/** Whom the lamp believes that a server is the hub: exactly one of both is set (SPEC.md 2.1). */
struct trust {
  /** The authorities, PEM with a zero at its end; NULL for those of the bundle. */
  const char *authorities;
  /** Attaches the bundle of public authorities to a TLS configuration; NULL where there are authorities. */
  esp_err_t (*attach_bundle)(void *tls);
};

struct trust trusted_authorities(void);

#endif
