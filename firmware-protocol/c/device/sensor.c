#include "sensor.h"

#include <stdlib.h>

#include "small_file.h"

struct sy_optional read_temperature(const char *path) {
  struct sy_optional reading = {false, 0};
  char text[32];
  if (read_small_file(path, text, sizeof text) != 0) return reading;
  char *end;
  long thousandths = strtol(text, &end, 10);
  reading.set = end != text && (*end == '\n' || *end == '\0');
  reading.value = thousandths / 10;
  return reading;
}
