#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include <stdbool.h>

/** Who the lamp is, and where it belongs. */
struct credentials {
  char ssid[33];
  /** Empty for a Wi-Fi without one. */
  char password[65];
  /** Begins with "wss://". */
  char url[128];
  /** Both are ids (SPEC.md 3.2). */
  char tenant[33];
  char device[33];
  char secret[256];
};

/** Reads them from the NVS partition `creds`. Where something is wrong, the log says what, and what to do. */
bool credentials_load(struct credentials *credentials);

#endif
