#ifndef RULES_H
#define RULES_H

#include <switchyard/rules.h>

#include "tap.h"

/* Each prints its test points. */
void test_values(void);
void test_commands(void);
void test_desired(void);
void test_encoders(void);
void test_floats(void);
void test_lamp(void);
void test_memory(void);
void test_sessions(void);
void test_topics(void);

/** A device with a property of every type: what the rules are tried on. */
extern const struct sy_description test_device;

/** Its properties. */
enum {
  PID_SWITCH = 1,
  PID_LEVEL = 2,
  PID_GAIN = 3,
  PID_MODE = 4,
  PID_NAME = 5,
  PID_BLOB = 6,
  PID_COLOUR = 7,
  PID_BUTTON = 8,
  PID_RING = 9,
  PID_KEPT = 10,
  PID_READ_ONLY = 11,
  PID_OPEN = 12
};

enum { ACTION_BLINK = 1 };

#endif
