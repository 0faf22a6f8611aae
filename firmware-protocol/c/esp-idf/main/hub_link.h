#ifndef HUB_LINK_H
#define HUB_LINK_H

#include <mqtt_client.h>
#include <switchyard/topics.h>

#include "credentials.h"
#include "happenings.h"
#include "trust.h"

/**
 * The MQTT link to the hub (SPEC.md, section 2): one client of esp-mqtt for each attempt to connect. esp-mqtt keeps
 * what was not acknowledged, and would send it again in the next session; the session is clean (SPEC.md 2.4), and so is
 * a new client. Belongs to one task. Set the first three, the rest is zero.
 */
struct hub_link {
  const struct credentials *credentials;
  struct trust trust;
  struct happenings *happenings;
  /** NULL where nothing is going on. */
  esp_mqtt_client_handle_t client;
  /** Which attempt it is: what is left in the queue of an earlier one is not of this one. */
  uint32_t attempt;
};

/**
 * Begins one attempt to connect; LINK_UP or LINK_DOWN tells how it went. The link must be closed.
 * @return false where there is no memory for it, or the URL is none
 */
bool hub_link_open(struct hub_link *link, const uint8_t *will, size_t length);

/** Ends what is going on, if anything is. Not to be called from another task than the one that opened it. */
void hub_link_close(struct hub_link *link);

/** Subscribes to all that is meant for the device. */
void hub_link_subscribe(struct hub_link *link);

/** Publishes a message now. Blocks while the network takes no more, up to ten seconds. */
void hub_link_publish(struct hub_link *link, enum sy_up channel, const uint8_t *payload, size_t length);

#endif
