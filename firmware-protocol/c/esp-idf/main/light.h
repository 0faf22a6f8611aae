#ifndef LIGHT_H
#define LIGHT_H

#include <esp_err.h>
#include <stdbool.h>
#include <stdint.h>

/** The light, dimmed by PWM. It belongs to one task; times are in ms by a clock that never goes backwards. */
struct light {
  bool blinks;
  bool is_lit;
  int64_t toggle_at;
};

/** Makes it ready, and dark. */
esp_err_t light_open(struct light *light);

/** Makes it steady. @param brightness in percent */
void light_show(struct light *light, bool on, uint8_t brightness);

/** Lets it blink, so that it can be found. */
void light_blink(struct light *light, int64_t now);

/** When `light_tick` is due; INT64_MAX while it does not blink. */
int64_t light_due(const struct light *light);

/** Lets it blink on. */
void light_tick(struct light *light, int64_t now);

#endif
