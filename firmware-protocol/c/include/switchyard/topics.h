#ifndef SWITCHYARD_TOPICS_H
#define SWITCHYARD_TOPICS_H

#include <stdbool.h>
#include <stddef.h>

/** Room for every topic of a device, with the zero at its end. */
#define SY_TOPIC_SIZE 96

/** What a device publishes (SPEC.md 3.3). */
enum sy_up { SY_UP_STATUS, SY_UP_DESC, SY_UP_STATE, SY_UP_TELE, SY_UP_EVENT, SY_UP_ACK, SY_UP_BLK };

/** What a device receives. */
enum sy_down { SY_DOWN_CMD, SY_DOWN_CTL, SY_DOWN_DESIRED, SY_DOWN_BLK, SY_DOWN_NONE };

/** Whether this is the id of a tenant or device (SPEC.md 3.2): `[a-z0-9][a-z0-9_-]{0,31}`. */
bool sy_is_id(const char *id);

/** Writes the topic of a message that a device publishes. Both must be ids. */
void sy_up_topic(char topic[SY_TOPIC_SIZE], const char *tenant, const char *device, enum sy_up channel);

/** Writes the filter with which a device receives all that is meant for it. Both must be ids. */
void sy_down_filter(char filter[SY_TOPIC_SIZE], const char *tenant, const char *device);

/** What a topic means to a device: SY_DOWN_NONE where it is not one of its own. */
enum sy_down sy_down_channel(const char *topic, const char *tenant, const char *device);

/** QoS of a channel. Telemetry is lost rather than repeated. */
int sy_up_qos(enum sy_up channel);

/** Whether the broker keeps the last message of a channel. */
bool sy_up_retained(enum sy_up channel);

#endif
