#include "tap.h"

#include <stdarg.h>
#include <stdio.h>

static unsigned points;
static unsigned failures;

void tap_ok(bool passed, const char *name, ...) {
  points++;
  if (!passed) failures++;
  printf("%s %u - ", passed ? "ok" : "not ok", points);
  va_list arguments;
  va_start(arguments, name);
  vprintf(name, arguments);
  va_end(arguments);
  putchar('\n');
}

int tap_done(void) {
  printf("1..%u\n", points);
  return points > 0 && failures == 0 ? 0 : 1;
}
