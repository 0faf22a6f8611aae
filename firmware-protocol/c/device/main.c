#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "digest.h"
#include "entropy.h"
#include "run.h"
#include "small_file.h"
#include "state_file.h"

/**
 * Takes up what outlived the last run, where that can be read (SPEC.md 12.1), and keeps the boot of this one before
 * anybody hears of it (SPEC.md 8.1).
 */
static int begin(const char *folder, const char *path, struct lamp_saved *saved) {
  int problem = make_folders(folder);
  if (problem != 0) {
    fprintf(stderr, "switchyard-lamp: cannot make the folder %s (%s): give another with --state\n", folder,
            strerror(problem));
    return EXIT_CANNOT_CREATE;
  }
  switch (load_state(path, saved)) {
    case STATE_FILE_FINE:
      saved->boot++;
      break;
    case STATE_FILE_MISSING:
      saved->boot = random_bits();
      break;
    case STATE_FILE_UNREADABLE:
      fprintf(stderr, "switchyard-lamp: cannot read %s (%s): beginning anew\n", path, strerror(errno));
      saved->boot = random_bits();
      break;
    case STATE_FILE_BROKEN:
      fprintf(stderr, "switchyard-lamp: %s is no state of a lamp: beginning anew\n", path);
      saved->boot = random_bits();
      break;
  }
  problem = save_state(path, saved);
  if (problem == 0) return EXIT_FINE;
  fprintf(stderr, "switchyard-lamp: cannot write %s (%s): give another folder with --state\n", path,
          strerror(problem));
  return EXIT_CANNOT_CREATE;
}

int main(int argc, char **argv) {
  static struct options options;
  static struct lamp lamp;
  struct lamp_saved saved;
  int exit_code;
  if (parse_options(argc, argv, &options, &exit_code) != PARSED) return exit_code;

  char path[PATH_SIZE + SY_TOPIC_SIZE];
  snprintf(path, sizeof path, "%s/%s.%s.state", options.state_folder, options.tenant, options.device);
  exit_code = begin(options.state_folder, path, &saved);
  if (exit_code != EXIT_FINE) return exit_code;

  uint8_t description[LAMP_MAX_SENT];
  uint8_t dhash[8];
  description_hash(description, lamp_describe(description), dhash);
  lamp_start(&lamp, &saved, dhash, random_bits(), options.interval, monotonic_ms());
  return run(&lamp, &options, path);
}
