#ifndef SWITCHYARD_DESCRIPTION_H
#define SWITCHYARD_DESCRIPTION_H

#include "code.h"
#include "limits.h"
#include "value.h"

/*
 * What a device is and can do (SPEC.md 6.2, section 7): one constant table, from which the description is encoded
 * and values are checked.
 * Write texts as `SY_TEXT("…")`; those that are left out are absent.
 */

/** SPEC.md 7.1. */
enum sy_type {
  SY_TYPE_BOOL = 0,
  SY_TYPE_INT = 1,
  SY_TYPE_FLOAT = 2,
  /** The index of one of `names`. */
  SY_TYPE_ENUM = 3,
  SY_TYPE_TEXT = 4,
  SY_TYPE_BYTES = 5,
  /** Three bytes of sRGB. */
  SY_TYPE_RGB = 6,
  /** Something that happens: an index of `names` where it has some, or else any value. */
  SY_TYPE_EVENT = 7
};

/** Bits of `flags` (SPEC.md 7.2). */
enum sy_flag {
  SY_WRITABLE = 1,
  /** Written through `dn/desired`, and kept over a restart. */
  SY_PERSISTENT = 2,
  /** In `up/tele`, not in `up/state`. */
  SY_SAMPLED = 4,
  SY_COUNTER = 8,
  SY_CONFIRM_FIRST = 16
};

enum sy_category { SY_PRIMARY = 0, SY_CONFIG = 1, SY_DIAGNOSTIC = 2 };

/** Action ids that mean the same on every device. */
enum sy_reserved_action { SY_IDENTIFY = 240, SY_REBOOT = 241, SY_OTA = 250, SY_ABORT = 251 };

/** A number that may be absent; all zero is absent. Initialize it with `SY_INTEGER` or `SY_REAL`. */
struct sy_number {
  enum { SY_ABSENT, SY_IS_INTEGER, SY_IS_REAL } kind;
  int64_t integer;
  double real;
};

#define SY_INTEGER(n) {SY_IS_INTEGER, (n), 0.0}
#define SY_REAL(x) {SY_IS_REAL, 0, (x)}

/** When readings are sent. */
struct sy_report {
  /** Seconds. */
  uint32_t min;
  /** Seconds. */
  uint32_t max;
  /** How much a reading must have changed, in wire units. */
  struct sy_number deadband;
};

/** A property, or a parameter of an action. `min`, `max` and `step` are in wire units, before `scale`. */
struct sy_property {
  uint8_t pid;
  struct sy_text key;
  enum sy_type type;
  /** Bits of `enum sy_flag`. */
  struct sy_optional flags;
  struct sy_text label;
  /** A unit of SenML, such as "Cel". */
  struct sy_text unit;
  struct sy_number min;
  struct sy_number max;
  struct sy_number step;
  /** Decimal exponent, −9 to 9: 2153 at scale −2 is 21.53. */
  struct sy_optional scale;
  /** NULL where absent. */
  const struct sy_text *names;
  size_t name_count;
  struct sy_text class_hint;
  struct sy_optional group;
  /** One of `enum sy_category`. */
  struct sy_optional cat;
  /** NULL where absent. */
  const struct sy_report *rpt;
};

struct sy_action {
  uint8_t pid;
  struct sy_text key;
  struct sy_optional flags;
  struct sy_text label;
  struct sy_text class_hint;
  struct sy_optional group;
  const struct sy_property *params;
  size_t param_count;
};

struct sy_description {
  /** Major and minor version of the protocol. */
  uint8_t proto[2];
  struct sy_text model;
  struct sy_text fw;
  const struct sy_property *props;
  size_t prop_count;
  const struct sy_action *acts;
  size_t act_count;
  /** Longest payload that the device takes, in bytes. */
  struct sy_optional maxrx;
  struct sy_optional feat;
};

/**
 * Encodes `up/desc`: QoS 1, retained.
 * @param length the number of bytes written
 * @return SY_OK; SY_NO_ROOM; SY_BAD_VALUE where the table breaks a rule, such as an id that is used twice;
 *   SY_TOO_LARGE or SY_TOO_MANY_ITEMS where no hub would take it
 */
enum sy_code sy_encode_desc(const struct sy_description *description, uint8_t *buffer, size_t size, size_t *length);

/** The property with this id, or NULL. */
const struct sy_property *sy_find_property(const struct sy_description *description, uint8_t pid);

/** The action with this id, or NULL. */
const struct sy_action *sy_find_action(const struct sy_description *description, uint8_t pid);

#endif
