#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <switchyard/topics.h>

#include "small_file.h"

static const char usage[] =
    "usage: switchyard-lamp --url URL --device ID [options]\n"
    "\n"
    "A lamp with a thermometer and a button, as a device of a Switchyard hub. Its light and its\n"
    "button are imaginary: changes of the light are printed, SIGUSR1 is a short press of the\n"
    "button and SIGUSR2 a long one.\n"
    "\n"
    "  --url URL           where the hub is, such as wss://hub.local:8443/mqtt\n"
    "  --tenant ID         the fleet it belongs to (home)\n"
    "  --device ID         its name at the hub\n"
    "  --ca FILE           the hub's ca.pem; without it the system's authorities are trusted\n"
    "  --secret-file FILE  file that holds the device's secret, instead of SWITCHYARD_SECRET\n"
    "  --interval SECONDS  between readings of the thermometer (10)\n"
    "  --sensor FILE       the thermometer, in thousandths of a degree Celsius\n"
    "                      (/sys/class/thermal/thermal_zone0/temp)\n"
    "  --state FOLDER      where settings outlive a restart\n"
    "                      ($XDG_STATE_HOME/switchyard-lamp or ~/.local/state/switchyard-lamp)\n"
    "  --help              this text\n"
    "\n"
    "exit codes: 0 asked to end, 64 wrong usage, 66 a file cannot be read, 70 a fault of the\n"
    "program, 73 the state cannot be written\n";

static enum parsed refuse(int *exit_code, int code, const char *what, const char *which, const char *advice) {
  fprintf(stderr, "switchyard-lamp: %s%s: %s\n", what, which, advice);
  *exit_code = code;
  return PARSED_WRONG;
}

static enum parsed read_secret(const char *file, struct options *options, int *exit_code) {
  const char *given = getenv("SWITCHYARD_SECRET");
  if (file != NULL) {
    int problem = read_small_file(file, options->secret, sizeof options->secret);
    if (problem != 0) return refuse(exit_code, EXIT_NO_INPUT, "cannot read the secret in ", file, strerror(problem));
    options->secret[strcspn(options->secret, "\r\n")] = '\0';
  } else if (given != NULL) {
    if (strlen(given) >= sizeof options->secret) {
      return refuse(exit_code, EXIT_USAGE, "SWITCHYARD_SECRET", "", "is longer than any secret of a hub");
    }
    strcpy(options->secret, given);
  }
  if (options->secret[0] != '\0') return PARSED;
  return refuse(exit_code, EXIT_USAGE, "there is no secret", "",
                "put the device's secret into SWITCHYARD_SECRET, or a file that holds it after --secret-file");
}

static enum parsed find_state_folder(const char *given, struct options *options, int *exit_code) {
  const char *base = getenv("XDG_STATE_HOME");
  const char *home = getenv("HOME");
  int length;
  if (given != NULL) {
    length = snprintf(options->state_folder, PATH_SIZE, "%s", given);
  } else if (base != NULL && base[0] != '\0') {
    length = snprintf(options->state_folder, PATH_SIZE, "%s/switchyard-lamp", base);
  } else if (home != NULL && home[0] != '\0') {
    length = snprintf(options->state_folder, PATH_SIZE, "%s/.local/state/switchyard-lamp", home);
  } else {
    return refuse(exit_code, EXIT_USAGE, "there is no HOME", "", "say with --state where settings are to be kept");
  }
  if (length > 0 && length < PATH_SIZE - SY_TOPIC_SIZE) return PARSED;
  return refuse(exit_code, EXIT_USAGE, "--state", "", "give a path that is not empty and not that long");
}

static enum parsed parse_interval(const char *text, struct options *options, int *exit_code) {
  char *end;
  double seconds = strtod(text, &end);
  if (end == text || *end != '\0' || !(seconds >= 0.1 && seconds <= 86400)) {
    return refuse(exit_code, EXIT_USAGE, "--interval ", text, "give seconds, from 0.1 to 86400");
  }
  options->interval = (int64_t)(seconds * 1000);
  return PARSED;
}

static enum parsed check(const struct options *options, int *exit_code) {
  if (options->url == NULL) return refuse(exit_code, EXIT_USAGE, "--url", "", "say where the hub is");
  if (strncmp(options->url, "wss://", strlen("wss://")) != 0) {
    return refuse(exit_code, EXIT_USAGE, "--url ", options->url, "must begin with wss://");
  }
  if (options->device == NULL) return refuse(exit_code, EXIT_USAGE, "--device", "", "say which device this is");
  const char *const ids[] = {options->tenant, options->device};
  for (int i = 0; i < 2; i++) {
    if (!sy_is_id(ids[i])) {
      return refuse(exit_code, EXIT_USAGE, ids[i], "",
                    "is no id: 1 to 32 of a-z, 0-9, \"_\" and \"-\", beginning with a letter or digit");
    }
  }
  FILE *ca = options->ca == NULL ? NULL : fopen(options->ca, "r");
  if (options->ca != NULL && ca == NULL) {
    return refuse(exit_code, EXIT_NO_INPUT, "cannot read the authorities in ", options->ca,
                  "give the hub's ca.pem with --ca");
  }
  if (ca != NULL) fclose(ca);
  return PARSED;
}

enum parsed parse_options(int argc, char **argv, struct options *options, int *exit_code) {
  static const struct option known[] = {
      {"url", required_argument, NULL, 'u'},    {"tenant", required_argument, NULL, 't'},
      {"device", required_argument, NULL, 'd'}, {"ca", required_argument, NULL, 'c'},
      {"sensor", required_argument, NULL, 'r'}, {"secret-file", required_argument, NULL, 's'},
      {"state", required_argument, NULL, 'S'},  {"interval", required_argument, NULL, 'i'},
      {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
  };
  memset(options, 0, sizeof *options);
  options->tenant = "home";
  options->sensor = "/sys/class/thermal/thermal_zone0/temp";
  const char *interval = "10";
  const char *secret_file = NULL;
  const char *state = NULL;
  for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
    if (option == 'u') options->url = optarg;
    if (option == 't') options->tenant = optarg;
    if (option == 'd') options->device = optarg;
    if (option == 'c') options->ca = optarg;
    if (option == 'r') options->sensor = optarg;
    if (option == 's') secret_file = optarg;
    if (option == 'S') state = optarg;
    if (option == 'i') interval = optarg;
    if (option == 'h') {
      fputs(usage, stdout);
      *exit_code = EXIT_FINE;
      return PARSED_HELP;
    }
    if (option == '?') return refuse(exit_code, EXIT_USAGE, "see", "", "switchyard-lamp --help");
  }
  if (optind < argc) return refuse(exit_code, EXIT_USAGE, argv[optind], "", "is no option; see --help");
  enum parsed parsed = check(options, exit_code);
  if (parsed == PARSED) parsed = parse_interval(interval, options, exit_code);
  if (parsed == PARSED) parsed = read_secret(secret_file, options, exit_code);
  if (parsed == PARSED) parsed = find_state_folder(state, options, exit_code);
  return parsed;
}
