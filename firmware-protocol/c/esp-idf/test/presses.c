#include <stddef.h>

#include "press_detector.h"
#include "tap.h"

#define LOOK_EVERY_MS 10

/** A level that the button has for some ms. */
struct span {
  bool pressed;
  int64_t ms;
};

struct presses {
  unsigned count;
  enum lamp_press last;
  /** When the last one was told. */
  int64_t at;
};

static struct presses watch(const struct span *spans, size_t count) {
  struct press_detector detector = {0};
  struct presses presses = {0};
  int64_t now = 0;
  for (size_t i = 0; i < count; i++) {
    for (int64_t end = now + spans[i].ms; now < end; now += LOOK_EVERY_MS) {
      if (!detect_press(&detector, spans[i].pressed, now, &presses.last)) continue;
      presses.count++;
      presses.at = now;
    }
  }
  return presses;
}

#define WATCH(...) watch((struct span[]){__VA_ARGS__}, sizeof((struct span[]){__VA_ARGS__}) / sizeof(struct span))

int main(void) {
  struct presses presses = WATCH({false, 1000});
  tap_ok(presses.count == 0, "a button that is left alone is not pressed");

  presses = WATCH({false, 100}, {true, 200}, {false, 100});
  tap_ok(presses.count == 1 && presses.last == LAMP_SHORT_PRESS, "held for a moment is a short press");
  tap_ok(presses.at == 300 + PRESS_SETTLED_MS, "a short press is told when the button is let go and settled");

  presses = WATCH({false, 100}, {true, 2000}, {false, 100});
  tap_ok(presses.count == 1 && presses.last == LAMP_LONG_PRESS, "held for long is one long press, and no short one");
  tap_ok(presses.at == 100 + PRESS_LONG_MS, "a long press is told while the button is held");

  presses = WATCH({false, 100}, {true, 10}, {false, 10}, {true, 200}, {false, 10}, {true, 20}, {false, 100});
  tap_ok(presses.count == 1 && presses.last == LAMP_SHORT_PRESS, "a contact that bounces is pressed once");

  presses = WATCH({false, 100}, {true, PRESS_SETTLED_MS}, {false, 1000});
  tap_ok(presses.count == 0, "a spark that does not last is no press");

  presses = WATCH({false, 100}, {true, 100}, {false, 100}, {true, 100}, {false, 100});
  tap_ok(presses.count == 2, "two presses are two");

  presses = WATCH({false, 100}, {true, PRESS_LONG_MS - 10}, {false, 20}, {true, 100}, {false, 100});
  tap_ok(presses.count == 1 && presses.last == LAMP_LONG_PRESS, "a gap that does not last does not end a press");

  presses = WATCH({true, 100}, {false, 100});
  tap_ok(presses.count == 1 && presses.last == LAMP_SHORT_PRESS, "a button held at the start may be let go");
  return tap_done();
}
