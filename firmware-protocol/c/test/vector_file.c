#include "vector_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void give_up(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(2);
}

static char *read_text(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) give_up(path, "cannot be opened");
  long size = ftell(file);
  rewind(file);
  char *text = malloc((size_t)size + 1);
  if (text == NULL || fread(text, 1, (size_t)size, file) != (size_t)size) give_up(path, "cannot be read");
  text[size] = '\0';
  fclose(file);
  return text;
}

cJSON *read_vector_file(const char *path) {
  char *text = read_text(path);
  if (strstr(text, NUL_STAND_IN) != NULL || strstr(text, "\\uf8ff") != NULL || strstr(text, "\\uF8FF") != NULL) {
    give_up(path, "holds U+F8FF, which stands for U+0000 here");
  }
  for (char *at = text; (at = strstr(at, "\\u0000")) != NULL;) memcpy(at, "\\uf8ff", strlen("\\uf8ff"));
  cJSON *json = cJSON_Parse(text);
  free(text);
  if (json == NULL) give_up(path, "is not JSON");
  return json;
}

const cJSON *optional_member(const cJSON *object, const char *name) {
  return cJSON_GetObjectItemCaseSensitive(object, name);
}

const cJSON *member(const cJSON *object, const char *name) {
  const cJSON *found = optional_member(object, name);
  if (found == NULL) give_up(name, "is missing in a vector");
  return found;
}

size_t bytes_of_hex(const char *hex, uint8_t *bytes) {
  size_t length = strlen(hex) / 2;
  for (size_t i = 0; i < length; i++) {
    char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
    bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
  }
  return length;
}

/** One part of a vector's hex: a string, or what is to be repeated. */
static const char *part_of(const cJSON *part, size_t *times) {
  *times = cJSON_IsString(part) ? 1 : (size_t)member(part, "times")->valuedouble;
  return cJSON_IsString(part) ? part->valuestring : member(part, "repeat")->valuestring;
}

uint8_t *bytes_of_vector(const cJSON *hex, size_t *length) {
  const cJSON *first = cJSON_IsArray(hex) ? hex->child : hex;
  const cJSON *after = cJSON_IsArray(hex) ? NULL : hex->next;
  size_t times;
  size_t size = 0;
  for (const cJSON *part = first; part != after; part = part->next) {
    const char *digits = part_of(part, &times);
    size += strlen(digits) / 2 * times;
  }
  // Exactly as long as the payload, so that the sanitizer sees who reads behind it.
  uint8_t *bytes = malloc(size > 0 ? size : 1);
  if (bytes == NULL) give_up("vector", "no memory");
  *length = 0;
  for (const cJSON *part = first; part != after; part = part->next) {
    const char *digits = part_of(part, &times);
    for (; times > 0; times--) *length += bytes_of_hex(digits, bytes + *length);
  }
  return bytes;
}
