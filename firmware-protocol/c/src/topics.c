#include "switchyard/topics.h"

#include <stdio.h>
#include <string.h>

#define LONGEST_ID 32
#define ROOT "iot/1"

bool sy_is_id(const char *id) {
  size_t length = strlen(id);
  if (length < 1 || length > LONGEST_ID || id[0] == '_' || id[0] == '-') return false;
  return strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}

void sy_up_topic(char topic[SY_TOPIC_SIZE], const char *tenant, const char *device, enum sy_up channel) {
  static const char *const names[] = {"status", "desc", "state", "tele", "event", "ack", "blk"};
  snprintf(topic, SY_TOPIC_SIZE, ROOT "/%s/%s/up/%s", tenant, device, names[channel]);
}

void sy_down_filter(char filter[SY_TOPIC_SIZE], const char *tenant, const char *device) {
  snprintf(filter, SY_TOPIC_SIZE, ROOT "/%s/%s/dn/#", tenant, device);
}

enum sy_down sy_down_channel(const char *topic, const char *tenant, const char *device) {
  static const char *const names[] = {"cmd", "ctl", "desired", "blk"};
  char filter[SY_TOPIC_SIZE];
  sy_down_filter(filter, tenant, device);
  size_t prefix = strlen(filter) - strlen("#");
  if (strncmp(topic, filter, prefix) != 0) return SY_DOWN_NONE;
  for (int channel = SY_DOWN_CMD; channel < SY_DOWN_NONE; channel++) {
    if (strcmp(topic + prefix, names[channel]) == 0) return (enum sy_down)channel;
  }
  return SY_DOWN_NONE;
}

int sy_up_qos(enum sy_up channel) { return channel == SY_UP_TELE ? 0 : 1; }

bool sy_up_retained(enum sy_up channel) {
  return channel == SY_UP_STATUS || channel == SY_UP_DESC || channel == SY_UP_STATE;
}
