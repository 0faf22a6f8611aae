#ifndef SWITCHYARD_MEMORY_H
#define SWITCHYARD_MEMORY_H

#include "send.h"

/** How many results of commands a device keeps (SPEC.md 11.2). */
#define SY_KEPT_RESULTS 16

/** Room for what one result says; of one that needs more, the values are not repeated. May be set by the build. */
#ifndef SY_KEPT_BYTES
#define SY_KEPT_BYTES 96
#endif

/** A result as it was told, encoded but for its heading. */
struct sy_kept {
  uint8_t id[8];
  uint8_t fields;
  uint16_t length;
  uint8_t body[SY_KEPT_BYTES];
};

/**
 * What a device said of the command that goes on and of the latest ones that are over, so that a command that comes
 * again is answered and not run again. All zero is empty. At most one command goes on at a time.
 */
struct sy_memory {
  bool runs;
  struct sy_kept running;
  uint8_t count;
  /** Where the next result goes. */
  uint8_t next;
  struct sy_kept results[SY_KEPT_RESULTS];
};

/**
 * Keeps the latest word on a command.
 * @return SY_OK, or SY_BAD_VALUE where the result could not be sent either
 */
enum sy_code sy_remember(struct sy_memory *memory, const struct sy_result *result);

/** The latest word on a command, by its eight bytes of id, or NULL where there is none. */
const struct sy_kept *sy_recall(const struct sy_memory *memory, const uint8_t *id);

/** Encodes `up/ack` anew from what was kept. Codes as those of `sy_encode_ack`. */
enum sy_code sy_encode_kept(const struct sy_kept *kept, const struct sy_heading *heading, uint8_t *buffer, size_t size,
                            size_t *length);

#endif
