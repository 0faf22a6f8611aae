#include "effects.h"

#include <assert.h>

static struct effect *next(struct effects *effects, enum effect_kind kind) {
  assert(effects->count < MAX_EFFECTS);
  struct effect *effect = &effects->list[effects->count++];
  effect->kind = kind;
  return effect;
}

void add_effect(struct effects *effects, enum effect_kind kind) { next(effects, kind); }

uint8_t *payload_room(struct effects *effects, size_t *size) {
  *size = EFFECT_BYTES - effects->used;
  return effects->bytes + effects->used;
}

void add_publication(struct effects *effects, enum sy_up channel, size_t length) {
  struct effect *effect = next(effects, EFFECT_PUBLISH);
  effect->channel = channel;
  effect->payload = effects->bytes + effects->used;
  effect->length = length;
  effects->used += length;
}
