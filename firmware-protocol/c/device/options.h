#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/** Exit codes, as those of sysexits.h. */
enum { EXIT_FINE = 0, EXIT_USAGE = 64, EXIT_NO_INPUT = 66, EXIT_SOFTWARE = 70, EXIT_CANNOT_CREATE = 73 };

#define PATH_SIZE 1024
#define SECRET_SIZE 256

/** What the command line and the environment ask for. */
struct options {
  const char *url;
  const char *tenant;
  const char *device;
  /** NULL for the system's authorities. */
  const char *ca;
  const char *sensor;
  char secret[SECRET_SIZE];
  /** Between readings, in ms. */
  int64_t interval;
  char state_folder[PATH_SIZE];
};

enum parsed { PARSED, PARSED_HELP, PARSED_WRONG };

/**
 * Reads command line and environment. What is wrong is said on standard error.
 * @param exit_code with which to end, unless PARSED
 */
enum parsed parse_options(int argc, char **argv, struct options *options, int *exit_code);

#endif
