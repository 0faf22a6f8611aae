#ifndef STATE_FILE_H
#define STATE_FILE_H

#include "lamp.h"

enum state_file_problem {
  STATE_FILE_FINE,
  /** There is none, as on the first run. */
  STATE_FILE_MISSING,
  /** `errno` says why. */
  STATE_FILE_UNREADABLE,
  /** It is not one. */
  STATE_FILE_BROKEN
};

/** Reads what outlived the last run. Unless that is fine, `saved` is as on the first run, and has no boot yet. */
enum state_file_problem load_state(const char *path, struct lamp_saved *saved);

/** Writes it, as a whole. @return 0, or an errno */
int save_state(const char *path, const struct lamp_saved *saved);

#endif
