#include "switchyard/value.h"

#include <string.h>

struct sy_value sy_null(void) {
  struct sy_value value = {SY_NULL, {false}};
  return value;
}

struct sy_value sy_bool(bool boolean) {
  struct sy_value value = {SY_BOOL, {boolean}};
  return value;
}

struct sy_value sy_int(int64_t integer) {
  struct sy_value value = {SY_INT, .as.integer = integer};
  return value;
}

struct sy_value sy_float(double real) {
  struct sy_value value = {SY_FLOAT, .as.real = real};
  return value;
}

struct sy_value sy_string(const char *text) {
  struct sy_value value = {SY_STRING, .as.text = {text, strlen(text)}};
  return value;
}
