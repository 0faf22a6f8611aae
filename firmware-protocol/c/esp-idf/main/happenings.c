#include "happenings.h"

#define ROOM 16
/** For the network and the link: each says little, and at most the end of a link is said twice. */
#define KEPT_FREE 4
#define LONGEST_WAIT_MS 60000

bool happenings_open(struct happenings *happenings) {
  happenings->queue = xQueueCreate(ROOM, sizeof(struct happening));
  return happenings->queue != NULL;
}

bool happenings_put(struct happenings *happenings, const struct happening *happening) {
  bool may_be_lost = happening->kind == MESSAGE || happening->kind == PRESS;
  if (may_be_lost && uxQueueSpacesAvailable(happenings->queue) <= KEPT_FREE) return false;
  return xQueueSend(happenings->queue, happening, 0) == pdTRUE;
}

bool happenings_take(struct happenings *happenings, struct happening *happening, int64_t ms) {
  if (ms < 0) ms = 0;
  if (ms > LONGEST_WAIT_MS) ms = LONGEST_WAIT_MS;
  // Rounded up: what is due within a tick must not be waited for by asking again and again.
  TickType_t ticks = ((TickType_t)ms + portTICK_PERIOD_MS - 1) / portTICK_PERIOD_MS;
  return xQueueReceive(happenings->queue, happening, ticks) == pdTRUE;
}
