#ifndef PRESS_DETECTOR_H
#define PRESS_DETECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "lamp.h"

/** A level that lasted this long, in ms, is no bouncing of the contact. */
#define PRESS_SETTLED_MS 30
/** A button held this long, in ms, was pressed long. */
#define PRESS_LONG_MS 800

/** Makes presses of the levels of a button. All zero is a button that was never pressed. */
struct press_detector {
  bool level;
  int64_t level_since;
  bool held;
  int64_t held_since;
  bool told;
};

/**
 * Takes one look at the button, as it should be done every few ms. A long press is told while the button is still
 * held, a short one when it is let go.
 * @param pressed how it looks now
 * @param now in ms, never backwards
 * @param press how it was pressed, where that is told
 */
bool detect_press(struct press_detector *detector, bool pressed, int64_t now, enum lamp_press *press);

#endif
