#ifndef SWITCHYARD_VALUE_H
#define SWITCHYARD_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** UTF-8, not terminated. `at` is NULL where an optional text is absent. */
struct sy_text {
  const char *at;
  size_t length;
};

/** `at` is NULL where optional bytes are absent. */
struct sy_bytes {
  const uint8_t *at;
  size_t length;
};

/** An initializer of `struct sy_text`, from a string literal. */
#define SY_TEXT(literal) {(literal), sizeof(literal) - 1}

/** An integer that may be absent; all zero is absent. */
struct sy_optional {
  bool set;
  int64_t value;
};

/** An initializer of `struct sy_optional`. */
#define SY_SET(n) {true, (n)}

enum sy_kind {
  /** As a value of a property: no reading. */
  SY_NULL,
  SY_BOOL,
  /** Within ±(2^53 − 1). */
  SY_INT,
  /** Finite, and not integral: an integral number is `SY_INT` however it was encoded. */
  SY_FLOAT,
  SY_STRING,
  SY_BYTES
};

/** One value of a property or an argument of an action, in wire units (SPEC.md 5.8). */
struct sy_value {
  enum sy_kind kind;
  union {
    bool boolean;
    int64_t integer;
    double real;
    struct sy_text text;
    struct sy_bytes bytes;
  } as;
};

/** A property and its value. */
struct sy_entry {
  uint8_t pid;
  struct sy_value value;
};

/** Values to be sent, in any order. `at` is NULL where optional values are absent. */
struct sy_entries {
  const struct sy_entry *at;
  size_t count;
};

struct sy_value sy_null(void);
struct sy_value sy_bool(bool boolean);
struct sy_value sy_int(int64_t integer);
/** @param real a finite number; an integral one is sent as an integer */
struct sy_value sy_float(double real);
/** @param text must outlive the value */
struct sy_value sy_string(const char *text);

/**
 * Values that were received: a view into a payload that was checked, and which must outlive it. Copy it to read it
 * more than once.
 */
struct sy_values {
  const uint8_t *at;
  const uint8_t *end;
  /** How many are left. */
  uint8_t count;
};

/** Takes the next property and value, by ascending id. Texts and bytes are views into the payload. False at the end. */
bool sy_next_value(struct sy_values *values, uint8_t *pid, struct sy_value *value);

/** Takes the next argument of an action. False at the end. */
bool sy_next_argument(struct sy_values *arguments, struct sy_value *value);

#endif
