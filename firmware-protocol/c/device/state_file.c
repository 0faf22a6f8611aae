#include "state_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "small_file.h"

/** Room for the file: some numbers, and at most `SY_MAX_VALUES` errors of twelve characters each. */
#define STATE_BYTES 4096

#define FIRST_LINE "switchyard-lamp 1"

static bool parse_light(const char *line, struct lamp_saved *saved) {
  unsigned on;
  unsigned brightness;
  if (sscanf(line, "light %u %u", &on, &brightness) != 2 || on > 1 || brightness > 100) return false;
  saved->on = on == 1;
  saved->brightness = (uint8_t)brightness;
  return true;
}

static bool parse_line(const char *line, struct lamp_saved *saved) {
  unsigned power_on;
  uint32_t dver;
  unsigned pid;
  unsigned code;
  if (sscanf(line, "boot %" SCNu32, &saved->boot) == 1) return true;
  if (sscanf(line, "power_on %u", &power_on) == 1 && power_on <= LAMP_AS_BEFORE) {
    saved->power_on = (enum lamp_power_on)power_on;
    return true;
  }
  if (sscanf(line, "dver %" SCNu32, &dver) == 1) {
    saved->dver.set = true;
    saved->dver.value = dver;
    return true;
  }
  if (sscanf(line, "err %u %u", &pid, &code) == 2 && pid <= 255 && code <= 255 && saved->err_count < SY_MAX_VALUES) {
    saved->errs[saved->err_count].pid = (uint8_t)pid;
    saved->errs[saved->err_count].code = (uint8_t)code;
    saved->err_count++;
    return true;
  }
  return parse_light(line, saved);
}

enum state_file_problem load_state(const char *path, struct lamp_saved *saved) {
  char text[STATE_BYTES];
  memset(saved, 0, sizeof *saved);
  int problem = read_small_file(path, text, sizeof text);
  if (problem == ENOENT) return STATE_FILE_MISSING;
  if (problem == EFBIG) return STATE_FILE_BROKEN;
  errno = problem;
  if (problem != 0) return STATE_FILE_UNREADABLE;
  char *rest = text;
  char *line = strtok_r(text, "\n", &rest);
  if (line == NULL || strcmp(line, FIRST_LINE) != 0) return STATE_FILE_BROKEN;
  while ((line = strtok_r(NULL, "\n", &rest)) != NULL) {
    if (!parse_line(line, saved)) return STATE_FILE_BROKEN;
  }
  return STATE_FILE_FINE;
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
