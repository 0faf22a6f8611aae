#ifndef HAPPENINGS_H
#define HAPPENINGS_H

#include <freertos/FreeRTOS.h>
#include <freertos/queue.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <switchyard/topics.h>

#include "lamp.h"

enum happening_kind {
  /** The network is there, again or for the first time. */
  NETWORK_UP,
  /** The hub took the connection. */
  LINK_UP,
  /** The connection ended, or an attempt came to nothing. */
  LINK_DOWN,
  /** The hub sent something. */
  MESSAGE,
  /** Somebody pressed the button. */
  PRESS
};

/** A message as it came. Made with malloc; whoever takes it frees it. */
struct message {
  enum sy_down channel;
  size_t length;
  uint8_t payload[];
};

struct happening {
  enum happening_kind kind;
  /** Of LINK_UP, LINK_DOWN and MESSAGE: which attempt to connect they belong to. */
  uint32_t attempt;
  /** Of MESSAGE; otherwise NULL. */
  struct message *message;
  /** Of PRESS. */
  enum lamp_press press;
};

/** What the drivers and the network tell the one task that owns the lamp. */
struct happenings {
  QueueHandle_t queue;
};

/** False where there is no memory for it. */
bool happenings_open(struct happenings *happenings);

/**
 * Never blocks, so that it may be called from every task, the lamp's own included. Messages and presses leave room
 * for what must not be lost.
 * @return false where there is no room; the message is then still the caller's
 */
bool happenings_put(struct happenings *happenings, const struct happening *happening);

/** Waits for the next one. @param ms how long at most @return false where nothing happened */
bool happenings_take(struct happenings *happenings, struct happening *happening, int64_t ms);

#endif
