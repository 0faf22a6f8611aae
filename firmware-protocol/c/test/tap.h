#ifndef TAP_H
#define TAP_H

#include <stdbool.h>

/** Prints one test point of the Test Anything Protocol. The name is printed as by printf. */
void tap_ok(bool passed, const char *name, ...);

/** Prints the plan. Returns the program's exit code: 0 where every point passed, and there was one. */
int tap_done(void);

#endif
