#include "press_detector.h"

static bool tell(struct press_detector *detector, enum lamp_press what, enum lamp_press *press) {
  detector->told = true;
  *press = what;
  return true;
}

bool detect_press(struct press_detector *detector, bool pressed, int64_t now, enum lamp_press *press) {
  if (pressed != detector->level) {
    detector->level = pressed;
    detector->level_since = now;
  }
  bool settled = now - detector->level_since >= PRESS_SETTLED_MS;
  if (settled && pressed && !detector->held) {
    detector->held = true;
    detector->held_since = detector->level_since;
    detector->told = false;
  }
  if (settled && !pressed && detector->held) {
    detector->held = false;
    if (!detector->told) return tell(detector, LAMP_SHORT_PRESS, press);
  }
  bool is_long = detector->held && pressed && now - detector->held_since >= PRESS_LONG_MS;
  return is_long && !detector->told && tell(detector, LAMP_LONG_PRESS, press);
}
