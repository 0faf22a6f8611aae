#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backoff.h"
#include "entropy.h"
#include "link.h"
#include "mailbox.h"
#include "sensor.h"
#include "state_file.h"

/** How long to wait for the PUBACK of the good-bye, and then for the end of the link, in ms: it may be dead already. */
#define LEAVE_MS 2000
#define NEVER INT64_MAX

struct runner {
  struct lamp *lamp;
  const struct options *options;
  const char *state_path;
  struct mailbox mailbox;
  struct link *link;
  unsigned failures;
  /** When to try to connect. */
  int64_t connect_at;
  int64_t connected_at;
  char *told_problem;
};

int64_t monotonic_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void show_light(const struct lamp *lamp) {
  if (lamp->memory.runs) {
    puts("light: blinking");
  } else if (lamp->on) {
    printf("light: on, %u %%\n", (unsigned)lamp->brightness);
  } else {
    puts("light: off");
  }
  fflush(stdout);
}

/** Keeps what outlives a restart; a disk that is full must not put out the light. */
static void save(const struct runner *runner) {
  int problem = save_state(runner->state_path, &runner->lamp->saved);
  if (problem == 0) return;
  fprintf(stderr, "switchyard-lamp: cannot write %s (%s): the settings will be lost with the next restart\n",
          runner->state_path, strerror(problem));
}

static void carry_out(struct runner *runner, const struct effects *effects) {
  for (size_t i = 0; i < effects->count; i++) {
    const struct effect *effect = &effects->list[i];
    if (effect->kind == EFFECT_PUBLISH) link_publish(runner->link, effect->channel, effect->payload, effect->length);
    if (effect->kind == EFFECT_SAVE) save(runner);
    if (effect->kind == EFFECT_LIGHT) show_light(runner->lamp);
  }
}

static void try_to_connect(struct runner *runner) {
  uint8_t will[LAMP_MAX_SENT];
  size_t length = lamp_will(runner->lamp, will);
  runner->connect_at = NEVER;
  link_connect(runner->link, will, length);
}

static void try_again_later(struct runner *runner, int64_t now) {
  runner->connect_at = now + backoff(runner->failures++, random_bits());
}

/** Says why there is no link, once for each reason. */
static void tell_problem(struct runner *runner, char *problem) {
  bool is_news = problem != NULL && (runner->told_problem == NULL || strcmp(problem, runner->told_problem) != 0);
  if (is_news) fprintf(stderr, "switchyard-lamp: %s\n", problem);
  free(runner->told_problem);
  runner->told_problem = problem;
}

static void on_lost(struct runner *runner, int64_t now) {
  lamp_disconnected(runner->lamp);
  fprintf(stderr, "switchyard-lamp: the link to %s broke; trying again\n", runner->options->url);
  if (now - runner->connected_at >= LASTING_MS) runner->failures = 0;
  try_again_later(runner, now);
}

static void on_mail(struct runner *runner, struct mail *mail, int64_t now, struct effects *effects) {
  const struct options *options = runner->options;
  switch (mail->kind) {
    case MAIL_CONNECTED:
      tell_problem(runner, NULL);
      runner->connected_at = now;
      link_subscribe(runner->link);
      lamp_connected(runner->lamp, now, effects);
      printf("connected to %s\n", options->url);
      fflush(stdout);
      break;
    case MAIL_FAILED:
      tell_problem(runner, mail->text);
      mail->text = NULL;
      try_again_later(runner, now);
      break;
    case MAIL_LOST:
      on_lost(runner, now);
      break;
    case MAIL_MESSAGE:
      lamp_received(runner->lamp, sy_down_channel(mail->text, options->tenant, options->device), mail->payload,
                    mail->length, now, effects);
      break;
    case MAIL_SHORT_PRESS:
      lamp_pressed(runner->lamp, LAMP_SHORT_PRESS, now, effects);
      break;
    case MAIL_LONG_PRESS:
      lamp_pressed(runner->lamp, LAMP_LONG_PRESS, now, effects);
      break;
    case MAIL_NONE:
    case MAIL_SAID_BYE:
    case MAIL_CLOSED:
    case MAIL_LEAVE:
      break;
  }
}

static void free_mail(struct mail *mail) {
  free(mail->text);
  free(mail->payload);
}

/** Waits until the link says that something is over, or too much time has passed. */
static void wait_for(struct runner *runner, enum mail_kind kind, int64_t until) {
  for (int64_t now = monotonic_ms(); now < until; now = monotonic_ms()) {
    struct mail mail = mailbox_take(&runner->mailbox, until - now);
    free_mail(&mail);
    if (mail.kind == kind) return;
  }
}

/** Says good-bye, waits until the hub has it, and disconnects (SPEC.md 8.6). */
static void leave(struct runner *runner) {
  struct effects effects = {0};
  lamp_leaving(runner->lamp, monotonic_ms(), &effects);
  if (!runner->lamp->connected) return;
  // The last one is the good-bye.
  const struct effect *bye = &effects.list[--effects.count];
  carry_out(runner, &effects);
  link_say_bye(runner->link, bye->payload, bye->length);
  wait_for(runner, MAIL_SAID_BYE, monotonic_ms() + LEAVE_MS);
  link_close(runner->link);
  wait_for(runner, MAIL_CLOSED, monotonic_ms() + LEAVE_MS);
}

/** Lets happen what is due, and the next thing that comes. False when that is the end. */
static bool step(struct runner *runner) {
  struct lamp *lamp = runner->lamp;
  int64_t now = monotonic_ms();
  if (now >= runner->connect_at) try_to_connect(runner);
  if (now >= lamp_due(lamp)) {
    struct effects effects = {0};
    struct sy_optional reading = {false, 0};
    if (lamp_wants_reading(lamp, now)) reading = read_temperature(runner->options->sensor);
    lamp_tick(lamp, now, reading, &effects);
    carry_out(runner, &effects);
  }
  int64_t due = lamp_due(lamp) < runner->connect_at ? lamp_due(lamp) : runner->connect_at;
  struct mail mail = mailbox_take(&runner->mailbox, due - now);
  struct effects effects = {0};
  on_mail(runner, &mail, monotonic_ms(), &effects);
  carry_out(runner, &effects);
  free_mail(&mail);
  return mail.kind != MAIL_LEAVE;
}

/** Throws away what came too late. */
static void empty_mailbox(struct runner *runner) {
  struct mail mail;
  do {
    mail = mailbox_take(&runner->mailbox, 0);
    free_mail(&mail);
  } while (mail.kind != MAIL_NONE);
}

int run(struct lamp *lamp, const struct options *options, const char *state_path) {
  struct runner runner = {.lamp = lamp, .options = options, .state_path = state_path, .connect_at = monotonic_ms()};
  int problem = mailbox_open(&runner.mailbox);
  if (problem != 0) {
    fprintf(stderr, "switchyard-lamp: cannot wait for signals (%s)\n", strerror(problem));
    return EXIT_SOFTWARE;
  }
  const struct link_settings settings = {options->url, options->tenant, options->device, options->secret,
                                         options->ca};
  runner.link = link_open(&settings, &runner.mailbox);
  if (runner.link == NULL) {
    fprintf(stderr, "switchyard-lamp: --url %s: no client can be made for it\n", options->url);
    return EXIT_USAGE;
  }
  show_light(lamp);
  while (step(&runner)) continue;
  leave(&runner);
  link_free(runner.link);
  empty_mailbox(&runner);
  free(runner.told_problem);
  return EXIT_FINE;
}
