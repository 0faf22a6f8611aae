#ifndef LAMP_H
#define LAMP_H

#include <switchyard/memory.h>
#include <switchyard/rules.h>
#include <switchyard/session.h>
#include <switchyard/topics.h>

#include "effects.h"

/*
 * A dimmable lamp with a thermometer and a button, without a link, a clock or a file: it is told what happens, and
 * when, and answers with effects for its caller to carry out in their order. Times (`now`) are in ms by a clock that
 * never goes backwards; what time it is elsewhere the lamp learns from the hub.
 */

/** Properties. */
enum lamp_pid { LAMP_ON = 1, LAMP_BRIGHTNESS = 2, LAMP_TEMPERATURE = 3, LAMP_POWER_ON = 4, LAMP_BUTTON = 5 };

/** What the light does when the lamp gets power: the setting `LAMP_POWER_ON`. */
enum lamp_power_on { LAMP_STAYS_OFF = 0, LAMP_TURNS_ON = 1, LAMP_AS_BEFORE = 2 };

/** How the button was pressed: the event `LAMP_BUTTON`. */
enum lamp_press { LAMP_SHORT_PRESS = 0, LAMP_LONG_PRESS = 1 };

/** The longest payload that the lamp takes, in bytes. */
#define LAMP_MAX_RECEIVED 1024
/** Room for every payload that the lamp sends, in bytes. */
#define LAMP_MAX_SENT 1024
/** How long the light blinks to be found, in ms. */
#define LAMP_IDENTIFY_MS 2000

/** What the lamp is and can do. */
extern const struct sy_description lamp_description;

/** What outlives a restart. */
struct lamp_saved {
  /** Of this run: different in each. */
  uint32_t boot;
  enum lamp_power_on power_on;
  /** The light as it was last, with `LAMP_AS_BEFORE`. */
  bool on;
  uint8_t brightness;
  /** The desired document that was applied last, and what of it could not be. */
  struct sy_optional dver;
  size_t err_count;
  struct sy_failure errs[SY_MAX_VALUES];
};

struct lamp {
  struct lamp_saved saved;
  struct sy_session session;
  struct sy_memory memory;
  uint8_t dhash[8];
  bool on;
  /** Percent. */
  uint8_t brightness;
  /** Of the state. */
  uint32_t ver;
  bool connected;
  bool described;
  /** The command that goes on is to identify, until then. */
  int64_t identifies_until;
  uint8_t identify_id[8];
  /** It ended while nobody could be told. */
  bool owes_result;
  int64_t interval;
  int64_t sample_at;
};

/**
 * Begins a run.
 * @param saved what outlived the last one, with the boot of this one; the caller has saved it already
 * @param dhash first eight bytes of the SHA-256 of the payload that `lamp_describe` makes
 * @param ver of the state: random, so that no command of an earlier boot fits by accident (SPEC.md 6.3)
 * @param interval between readings, in ms
 */
void lamp_start(struct lamp *lamp, const struct lamp_saved *saved, const uint8_t dhash[8], uint32_t ver,
                int64_t interval, int64_t now);

/** Encodes the description. @param buffer has `LAMP_MAX_SENT` bytes */
size_t lamp_describe(uint8_t *buffer);

/** To be called before each attempt to connect: the payload of its will. @param buffer has `LAMP_MAX_SENT` bytes */
size_t lamp_will(struct lamp *lamp, uint8_t *buffer);

/** The link is up and subscribed (SPEC.md 8.3). */
void lamp_connected(struct lamp *lamp, int64_t now, struct effects *effects);

void lamp_disconnected(struct lamp *lamp);

/**
 * A message came. What cannot be decoded changes nothing (SPEC.md 16.1); nor does what came over a link that is down,
 * because nobody would hear the answer.
 */
void lamp_received(struct lamp *lamp, enum sy_down channel, const uint8_t *payload, size_t length, int64_t now,
                   struct effects *effects);

/** Somebody pressed the button: a short press switches the light as well. */
void lamp_pressed(struct lamp *lamp, enum lamp_press press, int64_t now, struct effects *effects);

/** When `lamp_tick` is due. */
int64_t lamp_due(const struct lamp *lamp);

/** Whether a reading is due, so that its caller measures only then. */
bool lamp_wants_reading(const struct lamp *lamp, int64_t now);

/**
 * Lets time pass.
 * @param temperature in hundredths of a degree Celsius; absent where it could not be measured
 */
void lamp_tick(struct lamp *lamp, int64_t now, struct sy_optional temperature, struct effects *effects);

/** Says good-bye (SPEC.md 8.6), and that nothing comes of the command that goes on. */
void lamp_leaving(struct lamp *lamp, int64_t now, struct effects *effects);

#endif
