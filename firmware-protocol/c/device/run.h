#ifndef RUN_H
#define RUN_H

#include "lamp.h"
#include "options.h"

/**
 * Is the lamp until a signal ends it.
 * @param lamp has been started
 * @param state_path the file that keeps `lamp->saved`
 * @return the program's exit code
 */
int run(struct lamp *lamp, const struct options *options, const char *state_path);

/** The clock of the lamp: ms since some moment, never backwards. */
int64_t monotonic_ms(void);

#endif
