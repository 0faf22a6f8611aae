#include "state_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "small_file.h"

/** Room for the file: some numbers, and at most `SY_MAX_VALUES` errors of twelve characters each. */
#define STATE_BYTES 4096

#define FIRST_LINE "switchyard-lamp 1"

/** What every state has. Returns where the rest of it begins, or NULL. */
static char *parse_settings(char *text, struct lamp_saved *saved) {
  unsigned power_on;
  unsigned on;
  unsigned brightness;
  int length = 0;
  sscanf(text, FIRST_LINE "\nboot %" SCNu32 "\npower_on %u\nlight %u %u\n%n", &saved->boot, &power_on, &on, &brightness,
         &length);
  if (length == 0 || power_on > LAMP_AS_BEFORE || on > 1 || brightness > 100) return NULL;
  saved->power_on = (enum lamp_power_on)power_on;
  saved->on = on == 1;
  saved->brightness = (uint8_t)brightness;
  return text + length;
}

/** A line on the desired document that was applied last. */
static bool parse_applied(const char *line, struct lamp_saved *saved) {
  uint32_t dver;
  unsigned pid;
  unsigned code;
  if (sscanf(line, "dver %" SCNu32, &dver) == 1) {
    saved->dver.set = true;
    saved->dver.value = dver;
    return true;
  }
  if (sscanf(line, "err %u %u", &pid, &code) != 2) return false;
  size_t count = saved->err_count;
  bool ascends = count == 0 || pid > saved->errs[count - 1].pid;
  if (!ascends || pid > UINT8_MAX || code > UINT8_MAX || count == SY_MAX_VALUES) return false;
  saved->errs[count].pid = (uint8_t)pid;
  saved->errs[count].code = (uint8_t)code;
  saved->err_count++;
  return true;
}

static bool parse(char *text, struct lamp_saved *saved) {
  char *rest = parse_settings(text, saved);
  if (rest == NULL) return false;
  for (char *line = strtok_r(rest, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
    if (!parse_applied(line, saved)) return false;
  }
  return true;
}

static void forget(struct lamp_saved *saved) {
  memset(saved, 0, sizeof *saved);
  saved->brightness = 100;
}

enum state_file_problem load_state(const char *path, struct lamp_saved *saved) {
  char text[STATE_BYTES];
  forget(saved);
  int problem = read_small_file(path, text, sizeof text);
  if (problem == ENOENT) return STATE_FILE_MISSING;
  errno = problem;
  if (problem != 0 && problem != EFBIG) return STATE_FILE_UNREADABLE;
  if (problem == 0 && parse(text, saved)) return STATE_FILE_FINE;
  forget(saved);
  return STATE_FILE_BROKEN;
}

int save_state(const char *path, const struct lamp_saved *saved) {
  char text[STATE_BYTES];
  int used = snprintf(text, sizeof text, FIRST_LINE "\nboot %" PRIu32 "\npower_on %d\nlight %d %u\n", saved->boot,
                      (int)saved->power_on, saved->on, (unsigned)saved->brightness);
  if (saved->dver.set) {
    used += snprintf(text + used, sizeof text - (size_t)used, "dver %" PRId64 "\n", saved->dver.value);
  }
  for (size_t i = 0; i < saved->err_count; i++) {
    used += snprintf(text + used, sizeof text - (size_t)used, "err %u %u\n", (unsigned)saved->errs[i].pid,
                     (unsigned)saved->errs[i].code);
  }
  return replace_small_file(path, text);
}
