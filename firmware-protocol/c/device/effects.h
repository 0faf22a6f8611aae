#ifndef EFFECTS_H
#define EFFECTS_H

#include <switchyard/topics.h>

#include <stdint.h>

/** More than any one thing that happens to a lamp makes it do. */
#define MAX_EFFECTS 8
/** Room for the payloads of all of them. */
#define EFFECT_BYTES 3072

enum effect_kind {
  /** Publish `payload`. */
  EFFECT_PUBLISH,
  /** Keep what the lamp has in `saved`, before anything that follows. */
  EFFECT_SAVE,
  /** Make the light as the lamp's `on` and `brightness` say, or let it blink while it identifies itself. */
  EFFECT_LIGHT
};

struct effect {
  enum effect_kind kind;
  enum sy_up channel;
  const uint8_t *payload;
  size_t length;
};

/** What is to be done, in this order. All zero is nothing. Must not be moved or copied once it has payloads. */
struct effects {
  size_t count;
  struct effect list[MAX_EFFECTS];
  size_t used;
  uint8_t bytes[EFFECT_BYTES];
};

void add_effect(struct effects *effects, enum effect_kind kind);

/** Where the next payload may be written, and how many bytes it may have. */
uint8_t *payload_room(struct effects *effects, size_t *size);

/** Publishes what was written there. */
void add_publication(struct effects *effects, enum sy_up channel, size_t length);

#endif
