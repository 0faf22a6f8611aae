#include "lamp_task.h"

#include <esp_log.h>
#include <esp_random.h>
#include <esp_timer.h>
#include <freertos/task.h>
#include <sdkconfig.h>
#include <stdlib.h>
#include <string.h>

#include "backoff.h"
#include "digest.h"
#include "hub_link.h"
#include "light.h"
#include "saved_state.h"
#include "thermometer.h"

#define STACK_BYTES 6144
/** As the task of esp-mqtt, and below the Wi-Fi. */
#define PRIORITY 5
/** Longer than everything takes that an attempt waits for: name, TCP, TLS, WebSocket and CONNACK. */
#define GIVE_UP_MS 120000
#define NEVER INT64_MAX

static const char tag[] = "lamp";

struct runner {
  const struct lamp_saved *saved;
  struct lamp lamp;
  struct light light;
  struct hub_link link;
  struct happenings *happenings;
  unsigned failures;
  /** When to try to connect, or to give up an attempt of which nothing is heard; not before there is a network. */
  int64_t connect_at;
  int64_t connected_at;
  struct effects effects;
};

static int64_t now_ms(void) { return esp_timer_get_time() / 1000; }

static int64_t earlier(int64_t one, int64_t other) { return one < other ? one : other; }

static void show(struct runner *runner) {
  const struct lamp *lamp = &runner->lamp;
  if (lamp->memory.runs) {
    light_blink(&runner->light, now_ms());
  } else {
    light_show(&runner->light, lamp->on, lamp->brightness);
  }
}

/** Keeps what outlives a restart; a flash that is worn out must not put out the light. */
static void save(const struct runner *runner) {
  esp_err_t problem = saved_state_store(&runner->lamp.saved);
  if (problem == ESP_OK) return;
  ESP_LOGE(tag, "cannot keep the settings (%s): they will be lost with the next restart", esp_err_to_name(problem));
}

static struct effects *no_effects(struct runner *runner) {
  memset(&runner->effects, 0, sizeof runner->effects);
  return &runner->effects;
}

static void carry_out(struct runner *runner) {
  for (size_t i = 0; i < runner->effects.count; i++) {
    const struct effect *effect = &runner->effects.list[i];
    if (effect->kind == EFFECT_PUBLISH) {
      hub_link_publish(&runner->link, effect->channel, effect->payload, effect->length);
    }
    if (effect->kind == EFFECT_SAVE) save(runner);
    if (effect->kind == EFFECT_LIGHT) show(runner);
  }
}

static void try_again_later(struct runner *runner, int64_t now) {
  runner->connect_at = now + backoff(runner->failures++, esp_random());
}

static void try_to_connect(struct runner *runner, int64_t now) {
  uint8_t will[LAMP_MAX_SENT];
  size_t length = lamp_will(&runner->lamp, will);
  hub_link_close(&runner->link);
  runner->connect_at = now + GIVE_UP_MS;
  if (hub_link_open(&runner->link, will, length)) return;
  ESP_LOGE(tag, "no client can be made for %s: check the url; trying again", runner->link.credentials->url);
  try_again_later(runner, now);
}

static void on_link_up(struct runner *runner, int64_t now) {
  ESP_LOGI(tag, "connected to %s", runner->link.credentials->url);
  runner->connect_at = NEVER;
  runner->connected_at = now;
  hub_link_subscribe(&runner->link);
  lamp_connected(&runner->lamp, now, no_effects(runner));
}

static void on_link_down(struct runner *runner, int64_t now) {
  hub_link_close(&runner->link);
  if (runner->lamp.connected && now - runner->connected_at >= LASTING_MS) runner->failures = 0;
  lamp_disconnected(&runner->lamp);
  try_again_later(runner, now);
}

/** The hub may well be there when the network is: the wait for it begins anew. */
static void on_network_up(struct runner *runner, int64_t now) {
  if (runner->link.client != NULL) return;
  runner->connect_at = earlier(runner->connect_at, now + backoff(0, esp_random()));
}

static bool is_of_this_link(const struct runner *runner, const struct happening *happening) {
  return runner->link.client != NULL && happening->attempt == runner->link.attempt;
}

static void on_happening(struct runner *runner, const struct happening *happening, int64_t now) {
  const struct message *message = happening->message;
  switch (happening->kind) {
    case NETWORK_UP:
      on_network_up(runner, now);
      break;
    case LINK_UP:
      if (is_of_this_link(runner, happening)) on_link_up(runner, now);
      break;
    case LINK_DOWN:
      if (is_of_this_link(runner, happening)) on_link_down(runner, now);
      break;
    case MESSAGE:
      if (is_of_this_link(runner, happening)) {
        lamp_received(&runner->lamp, message->channel, message->payload, message->length, now, no_effects(runner));
      }
      break;
    case PRESS:
      lamp_pressed(&runner->lamp, happening->press, now, no_effects(runner));
      break;
  }
}

/** Lets happen what is due, and the next thing that comes. */
static void step(struct runner *runner) {
  struct lamp *lamp = &runner->lamp;
  int64_t now = now_ms();
  if (now >= runner->connect_at) try_to_connect(runner, now);
  if (now >= light_due(&runner->light)) light_tick(&runner->light, now);
  if (now >= lamp_due(lamp)) {
    struct sy_optional reading = {false, 0};
    if (lamp_wants_reading(lamp, now)) reading = thermometer_read();
    lamp_tick(lamp, now, reading, no_effects(runner));
    carry_out(runner);
  }
  int64_t due = earlier(runner->connect_at, earlier(lamp_due(lamp), light_due(&runner->light)));
  struct happening happening;
  if (!happenings_take(runner->happenings, &happening, due - now_ms())) return;
  no_effects(runner);
  on_happening(runner, &happening, now_ms());
  carry_out(runner);
  free(happening.message);
}

static void begin(struct runner *runner) {
  uint8_t description[LAMP_MAX_SENT];
  uint8_t dhash[8];
  description_hash(description, lamp_describe(description), dhash);
  lamp_start(&runner->lamp, runner->saved, dhash, esp_random(), CONFIG_LAMP_READING_SECONDS * INT64_C(1000), now_ms());
  thermometer_open();
  esp_err_t problem = light_open(&runner->light);
  if (problem != ESP_OK) {
    ESP_LOGE(tag, "the light's GPIO cannot be used (%s): see idf.py menuconfig", esp_err_to_name(problem));
  }
  show(runner);
}

static void run(void *context) {
  struct runner *runner = context;
  begin(runner);
  for (;;) step(runner);
}

bool lamp_task_start(const struct lamp_saved *saved, const struct credentials *credentials,
                     struct happenings *happenings) {
  static struct runner runner;
  runner.saved = saved;
  runner.link.credentials = credentials;
  runner.link.trust = trusted_authorities();
  runner.link.happenings = happenings;
  runner.happenings = happenings;
  runner.connect_at = NEVER;
  return xTaskCreate(run, "lamp", STACK_BYTES, &runner, PRIORITY, NULL) == pdPASS;
}
