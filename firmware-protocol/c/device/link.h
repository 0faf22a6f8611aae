#ifndef LINK_H
#define LINK_H

#include <switchyard/topics.h>

#include <stdint.h>

#include "mailbox.h"

/** Where the hub is, and who the device is. The strings must outlive the link. */
struct link_settings {
  const char *url;
  const char *tenant;
  const char *device;
  const char *secret;
  /** File of the only authorities to trust, PEM; NULL for those of the system. */
  const char *ca;
};

/** The MQTT link of one device, over a WebSocket (SPEC.md, section 2). What happens to it is put into a mailbox. */
struct link;

/** Makes a link that is not connected. Returns NULL where that fails, such as for an URL that is none. */
struct link *link_open(const struct link_settings *settings, struct mailbox *mailbox);

/** Begins one attempt to connect: MAIL_CONNECTED or MAIL_FAILED tells how it went. */
void link_connect(struct link *link, const uint8_t *will, size_t length);

/** Subscribes to all that is meant for the device. */
void link_subscribe(struct link *link);

/** Publishes a message now, or drops it where the link is down. */
void link_publish(struct link *link, enum sy_up channel, const uint8_t *payload, size_t length);

/** Publishes the last message of all. MAIL_SAID_BYE tells that it is over. */
void link_say_bye(struct link *link, const uint8_t *payload, size_t length);

/** Takes the link down in good order. MAIL_CLOSED tells that it is. */
void link_close(struct link *link);

/** Frees the link; to be called once only, when nothing of it is to come any more. */
void link_free(struct link *link);

#endif
