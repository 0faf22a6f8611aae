#include <math.h>

#include "switchyard/rules.h"

#define SRGB_BYTES 3

static const struct sy_verdict fine = {SY_REASON_NONE, NULL};

static struct sy_verdict refuse(enum sy_reason code, const char *reason) {
  struct sy_verdict verdict = {(uint8_t)code, reason};
  return verdict;
}

static const char *type_problem(const struct sy_property *property, const struct sy_value *value) {
  switch (property->type) {
    case SY_TYPE_BOOL:
      return value->kind == SY_BOOL ? NULL : "must be true or false";
    case SY_TYPE_INT:
      return value->kind == SY_INT ? NULL : "must be an integer";
    case SY_TYPE_FLOAT:
      return value->kind == SY_INT || value->kind == SY_FLOAT ? NULL : "must be a number";
    case SY_TYPE_ENUM:
      return value->kind == SY_INT ? NULL : "must be the index of a choice";
    case SY_TYPE_TEXT:
      return value->kind == SY_STRING ? NULL : "must be text";
    case SY_TYPE_BYTES:
      return value->kind == SY_BYTES ? NULL : "must be bytes";
    case SY_TYPE_RGB:
      return value->kind == SY_BYTES && value->as.bytes.length == SRGB_BYTES ? NULL : "must be three bytes of sRGB";
    case SY_TYPE_EVENT:
      if (property->names != NULL) return value->kind == SY_INT ? NULL : "must be the index of what happened";
      return value->kind != SY_NULL ? NULL : "must say what happened";
  }
  return "is of an unknown type";
}

/** Exact, because every integer of the profile is within ±2^53. */
static double number_of(const struct sy_number *number) {
  return number->kind == SY_IS_INTEGER ? (double)number->integer : number->real;
}

static const char *range_problem(const struct sy_property *property, const struct sy_value *value) {
  double number;
  if (value->kind == SY_INT) {
    number = (double)value->as.integer;
  } else if (value->kind == SY_FLOAT) {
    number = value->as.real;
  } else {
    return NULL;
  }
  if (property->type == SY_TYPE_EVENT && property->names == NULL) return NULL;
  if (property->type == SY_TYPE_ENUM || property->type == SY_TYPE_EVENT) {
    return number >= 0 && number < (double)property->name_count ? NULL : "has no such choice";
  }
  double least = property->min.kind == SY_ABSENT ? 0.0 : number_of(&property->min);
  if (property->min.kind != SY_ABSENT && number < least) return "is below its minimum";
  if (property->max.kind != SY_ABSENT && number > number_of(&property->max)) return "is above its maximum";
  if (property->type != SY_TYPE_INT || property->step.kind == SY_ABSENT) return NULL;
  double step = number_of(&property->step);
  return step > 0.0 && fmod(number - least, step) != 0.0 ? "is between two steps" : NULL;
}

struct sy_verdict sy_judge_value(const struct sy_property *property, const struct sy_value *value) {
  const char *problem = type_problem(property, value);
  if (problem != NULL) return refuse(SY_REASON_INVALID, problem);
  problem = range_problem(property, value);
  return problem != NULL ? refuse(SY_REASON_RANGE, problem) : fine;
}

struct sy_verdict sy_judge_write(const struct sy_description *description, uint8_t pid, const struct sy_value *value,
                                 enum sy_write_path path) {
  const struct sy_property *property = sy_find_property(description, pid);
  if (property == NULL) return refuse(SY_REASON_NOT_FOUND, "there is no such property");
  if ((property->flags.value & SY_WRITABLE) == 0) return refuse(SY_REASON_INVALID, "cannot be written");
  bool persistent = (property->flags.value & SY_PERSISTENT) != 0;
  if (persistent && path == SY_THROUGH_CMD) {
    return refuse(SY_REASON_INVALID, "is persistent: write it through desired");
  }
  if (!persistent && path == SY_THROUGH_DESIRED) return refuse(SY_REASON_INVALID, "is written through cmd");
  return sy_judge_value(property, value);
}
