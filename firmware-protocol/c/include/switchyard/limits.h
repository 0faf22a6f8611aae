#ifndef SWITCHYARD_LIMITS_H
#define SWITCHYARD_LIMITS_H

#include <stddef.h>
#include <stdint.h>

/* Bounds that senders keep and receivers check (SPEC.md, section 15). Sizes in bytes. */

#define SY_MAX_DEPTH 6
#define SY_MAX_VALUES 128
#define SY_MAX_BATCH 256
#define SY_MAX_TEXT 256
#define SY_MAX_ARGUMENTS 8
#define SY_MAX_PROPERTIES 128
#define SY_MAX_ACTIONS 32
#define SY_MAX_NAMES 64
#define SY_MAX_BLOCK 4096
#define SY_MAX_INTEGER INT64_C(9007199254740991)

/** From here on a time is Unix time in ms; zero and below is relative to receipt; nothing between is valid (10.1). */
#define SY_FIRST_UNIX_MS (INT64_C(1) << 38)

/** Bounds on the structure of one payload. */
struct sy_bounds {
  /** Longest payload accepted, in bytes. */
  size_t bytes;
  /** Most data items accepted, nested ones counted. */
  uint32_t items;
};

/** Of every message but these. */
#define SY_BOUNDS ((struct sy_bounds){4096, 2048})
/** Of `up/desc`. */
#define SY_BOUNDS_DESC ((struct sy_bounds){16384, 8192})
/** Of `dn/blk`: a block, and the fields around it. */
#define SY_BOUNDS_BLK ((struct sy_bounds){SY_MAX_BLOCK + 64, 2048})

#endif
