#include "switchyard/description.h"

const struct sy_property *sy_find_property(const struct sy_description *description, uint8_t pid) {
  for (size_t i = 0; i < description->prop_count; i++) {
    if (description->props[i].pid == pid) return &description->props[i];
  }
  return NULL;
}

const struct sy_action *sy_find_action(const struct sy_description *description, uint8_t pid) {
  for (size_t i = 0; i < description->act_count; i++) {
    if (description->acts[i].pid == pid) return &description->acts[i];
  }
  return NULL;
}
